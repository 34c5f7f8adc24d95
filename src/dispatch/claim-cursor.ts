import type { Delivery } from "../core/records.ts"

/** So late a delivery may be found whose commit was overtaken by one with a later id. */
const WHOLE_EVERY_MS = 100
/** Where reading the whole takes long, it is that much rarer. */
const REST_FACTOR = 20

interface Read {
  deliveries: readonly Delivery[]
  /** There was no room for more. */
  filled: boolean
  /** The latest id there is, where the order of conversations counts. */
  latest: string | null
  tookMs: number
}

/**
 * Where the drains of an endpoint go on reading. What they hold, what is finished but not cleared away, and what waits
 * behind a failed delivery of its conversation lies before, and to step over it with every claim costs more than the
 * claim. Commits may overtake each other, and gateways have clocks of their own: so a claim begins where the one before
 * began to find new ones, and several times a second one reads the whole.
 */
export function createBookmark(now: () => number) {
  let wholeAtMs = Number.NEGATIVE_INFINITY
  let wholeEveryMs = WHOLE_EVERY_MS
  let isWhole = true
  let after = ""
  let newest = ""

  return {
    /**
     * The id after which the next claim reads; empty for all.
     *
     * @param begins the drain has nothing in its hands, so it reads the whole, except where order makes that expensive
     */
    next(begins: boolean, ordered: boolean): string {
      const expensive = ordered && wholeEveryMs > WHOLE_EVERY_MS
      isWhole = now() - wholeAtMs >= wholeEveryMs || (begins && !expensive)
      if (!isWhole) return after
      wholeAtMs = now()
      return ""
    },
    claimed({ deliveries, filled, latest, tookMs }: Read) {
      if (isWhole) wholeEveryMs = Math.max(WHOLE_EVERY_MS, REST_FACTOR * tookMs)
      const ids = deliveries.filter(({ trigger }) => trigger !== "replay").map(({ id }) => id)
      // There may be more before the newest than there was room for.
      if (isWhole && filled && ids.some((id) => id < newest)) newest = ""
      after = newest
      if (!filled && latest !== null) ids.push(latest)
      for (const id of ids) if (id > newest) newest = id
    },
    /** In how many milliseconds the whole should be read. */
    wholeInMs: () => Math.max(0, wholeAtMs + wholeEveryMs - now()),
    /** Something lies before the bookmark. */
    reset() {
      wholeAtMs = Number.NEGATIVE_INFINITY
    },
  }
}

export type Bookmark = ReturnType<typeof createBookmark>
