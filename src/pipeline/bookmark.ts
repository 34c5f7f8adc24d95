import type { Delivery } from "../core/records.ts"

/** So late a delivery may be found whose commit was overtaken by one with a later id. */
const WHOLE_EVERY_MS = 100

/**
 * Where a drain goes on reading. What it holds and what is finished but not cleared away lies before, and to step over it
 * with every claim costs more than the claim. Commits may overtake each other, and gateways have clocks of their own: so a
 * claim begins where the one before began to find new ones, and several times a second one reads the whole.
 */
export function createBookmark(now: () => number) {
  let wholeAtMs = Number.NEGATIVE_INFINITY
  let after = ""
  let newest = ""

  return {
    /** The id after which the next claim reads; empty for all. */
    next(wantsAll: boolean): string {
      if (!wantsAll && now() - wholeAtMs < WHOLE_EVERY_MS) return after
      wholeAtMs = now()
      return ""
    },
    claimed(deliveries: readonly Delivery[]) {
      after = newest
      for (const { id, trigger } of deliveries) if (trigger !== "replay" && id > newest) newest = id
    },
    /** In how many milliseconds the whole should be read. */
    wholeInMs: () => Math.max(0, wholeAtMs + WHOLE_EVERY_MS - now()),
    reset() {
      wholeAtMs = Number.NEGATIVE_INFINITY
    },
  }
}
