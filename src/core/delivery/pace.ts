/** An endpoint is slow from a mean answer of this, or as soon as one takes so long; and fast again at half of it. */
export const SLOW_MS = 1_000
const FAST_MS = SLOW_MS / 2
/** What one answer counts for in the mean. */
const WEIGHT = 0.3

/** How fast an endpoint answers lately. A value; the functions below give the next one. */
export interface Pace {
  meanMs: number
  slow: boolean
}

/** Endpoints that nobody knows begin as fast ones. */
export const NEW_PACE: Pace = { meanMs: 0, slow: false }

/** One answer counts as twice the limit at most, so a few fast ones make up for a hang. */
export function answeredIn({ meanMs, slow }: Pace, durationMs: number): Pace {
  const next = meanMs + WEIGHT * (Math.min(durationMs, 2 * SLOW_MS) - meanMs)
  return { meanMs: next, slow: next > (slow ? FAST_MS : SLOW_MS) }
}

/** A request has been unanswered for `SLOW_MS`. */
export function hanging({ meanMs }: Pace): Pace {
  return { meanMs: Math.max(meanMs, SLOW_MS), slow: true }
}
