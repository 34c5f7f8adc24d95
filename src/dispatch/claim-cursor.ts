import type { Delivery } from "../core/delivery/delivery.ts"

/** So late a delivery may be found whose commit was overtaken by one with a later id. */
const FULL_EVERY_MS = 100
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
export function createClaimCursor(now: () => number) {
  let fullAtMs = Number.NEGATIVE_INFINITY
  let fullEveryMs = FULL_EVERY_MS
  let isFull = true
  let after = ""
  let newest = ""

  return {
    /**
     * The id after which the next claim reads; empty for all.
     *
     * @param begins the drain has nothing in its hands, so it reads the whole, except where order makes that expensive
     */
    next(begins: boolean, ordered: boolean): string {
      const expensive = ordered && fullEveryMs > FULL_EVERY_MS
      isFull = now() - fullAtMs >= fullEveryMs || (begins && !expensive)
      if (!isFull) return after
      fullAtMs = now()
      return ""
    },
    claimed({ deliveries, filled, latest, tookMs }: Read) {
      if (isFull) fullEveryMs = Math.max(FULL_EVERY_MS, REST_FACTOR * tookMs)
      const ids = deliveries.filter(({ trigger }) => trigger !== "replay").map(({ id }) => id)
      // There may be more before the newest than there was room for.
      if (isFull && filled && ids.some((id) => id < newest)) newest = ""
      after = newest
      if (!filled && latest !== null) ids.push(latest)
      for (const id of ids) if (id > newest) newest = id
    },
    /** In how many milliseconds the whole should be read. */
    fullReadInMs: () => Math.max(0, fullAtMs + fullEveryMs - now()),
    /** Something lies before the claimCursor. */
    reset() {
      fullAtMs = Number.NEGATIVE_INFINITY
    },
  }
}

export type ClaimCursor = ReturnType<typeof createClaimCursor>
