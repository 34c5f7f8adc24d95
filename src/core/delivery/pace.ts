/** An endpoint becomes slow if its mean answer time exceeds this or one request takes this long; fast again at half. */
export const SLOW_MS = 1_000
const FAST_MS = SLOW_MS / 2
/** Weight of the latest answer in the moving average. */
const WEIGHT = 0.3

/** How fast an endpoint has answered recently. It is an immutable value; the functions below return the next one. */
export interface Pace {
  meanMs: number
  slow: boolean
}

/** An unknown endpoint starts as a fast one. */
export const NEW_PACE: Pace = { meanMs: 0, slow: false }

/** One answer counts as at most twice the limit, so that a few fast answers make up for a request that hung. */
export function answeredIn({ meanMs, slow }: Pace, durationMs: number): Pace {
  const next = meanMs + WEIGHT * (Math.min(durationMs, 2 * SLOW_MS) - meanMs)
  return { meanMs: next, slow: next > (slow ? FAST_MS : SLOW_MS) }
}

/** A request has been in flight for `SLOW_MS` without an answer. */
export function hanging({ meanMs }: Pace): Pace {
  return { meanMs: Math.max(meanMs, SLOW_MS), slow: true }
}
