/** A dispatcher whose session was not confirmed for this long starts no request. */
export const LIVE_MS = 700
/**
 * How long the session of another dispatcher must have been seen ended before its leases are taken back: longer than
 * `LIVE_MS`, so by then it starts no request even if it has not noticed.
 */
export const GRACE_MS = 750

/** Whether this dispatcher may start requests: its session was confirmed by the store a moment ago. */
export function createLiveness(now: () => number) {
  let confirmedMs = Number.NEGATIVE_INFINITY
  return {
    isLive: () => now() - confirmedMs < LIVE_MS,
    /** @param requestedMs when the store was asked: the session may have ended just after its answer */
    confirmed(requestedMs: number) {
      confirmedMs = requestedMs
    },
    lost() {
      confirmedMs = Number.NEGATIVE_INFINITY
    },
  }
}

/** Remembers since when the sessions of other dispatchers have been seen ended. */
export function createDeadDispatchers(now: () => number) {
  let seenMs = new Map<string, number>()
  return {
    /**
     * @param dead all whose session is ended now
     * @returns those for which that was first seen long enough ago
     */
    observe(dead: readonly string[]): string[] {
      const nowMs = now()
      seenMs = new Map(dead.map((holder) => [holder, seenMs.get(holder) ?? nowMs]))
      return dead.filter((holder) => nowMs - (seenMs.get(holder) ?? nowMs) >= GRACE_MS)
    },
  }
}
