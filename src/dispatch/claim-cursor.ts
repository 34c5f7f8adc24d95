import type { Delivery } from "../core/delivery/delivery.ts"

/** At most this long a delivery stays unseen whose commit became visible after that of a later id. */
const FULL_READ_EVERY_MS = 100
/** A slow full read is repeated less often: full reads take at most a twentieth of the time. */
const PAUSE_FACTOR = 20

interface Claimed {
  deliveries: readonly Delivery[]
  /** The claim reached its limit, so there may be more. */
  filled: boolean
  /** The latest id of a never-attempted delivery, if the endpoint asks for ordered conversations. */
  latest: string | null
  tookMs: number
}

/**
 * The position from which the next claim reads an endpoint's never-attempted deliveries (ADR 0017). Reading from the
 * start would step over deliveries that are held, finished but not vacuumed yet, or waiting behind a failed one of
 * their conversation, which costs more than the claim itself. So a claim starts at the newest id known before the last
 * claim. Since ids can become visible out of order (commits overlap, gateway clocks differ), several times a second a
 * claim is a full read.
 */
export function createClaimCursor(now: () => number) {
  let fullReadAtMs = Number.NEGATIVE_INFINITY
  let fullReadEveryMs = FULL_READ_EVERY_MS
  let isFullRead = true
  let after = ""
  let newest = ""

  return {
    /**
     * The id after which the next claim reads; empty for a full read.
     *
     * @param holdsNothing the drain holds no delivery; it then makes a full read, unless order makes that expensive
     */
    next(holdsNothing: boolean, ordered: boolean): string {
      const isExpensive = ordered && fullReadEveryMs > FULL_READ_EVERY_MS
      isFullRead = now() - fullReadAtMs >= fullReadEveryMs || (holdsNothing && !isExpensive)
      if (!isFullRead) return after
      fullReadAtMs = now()
      return ""
    },
    /** Moves the cursor on by the result of the claim that `next` was called for. */
    advance({ deliveries, filled, latest, tookMs }: Claimed) {
      if (isFullRead) fullReadEveryMs = Math.max(FULL_READ_EVERY_MS, PAUSE_FACTOR * tookMs)
      const ids = deliveries.filter(({ trigger }) => trigger !== "replay").map(({ id }) => id)
      // A full read at its limit may have left deliveries before the newest known one: continue from its own end.
      if (isFullRead && filled && ids.some((id) => id < newest)) newest = ""
      after = newest
      if (!filled && latest !== null) ids.push(latest)
      for (const id of ids) if (id > newest) newest = id
    },
    /** Milliseconds until the next full read is due. */
    fullReadInMs: () => Math.max(0, fullReadAtMs + fullReadEveryMs - now()),
    /** Makes the next claim a full read. */
    reset() {
      fullReadAtMs = Number.NEGATIVE_INFINITY
    },
  }
}

export type ClaimCursor = ReturnType<typeof createClaimCursor>
