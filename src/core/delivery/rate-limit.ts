import type { GateRule } from "./gate.ts"

const SECOND_MS = 1_000

export interface RateLimit extends GateRule {
  /** When the last `perSecond` requests were sent, oldest first. */
  lastSentMs(): number[]
}

/**
 * At most `perSecond` requests in any sliding second: a request may go one second after the one that was sent
 * `perSecond` requests before it. After an idle period up to `perSecond` requests go at once.
 *
 * @param lastSentMs the `lastSentMs()` of the limit that this one replaces
 */
export function limitRate(perSecond: number, lastSentMs: readonly number[] = []): RateLimit {
  const sentAtMs = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY)
  const counted = lastSentMs.slice(-perSecond)
  sentAtMs.set(counted, perSecond - counted.length)
  let oldest = 0
  return {
    opensAtMs: () => (sentAtMs[oldest] ?? 0) + SECOND_MS,
    sent(nowMs) {
      sentAtMs[oldest] = nowMs
      oldest = (oldest + 1) % perSecond
    },
    answered() {},
    lastSentMs: () => [...sentAtMs.subarray(oldest), ...sentAtMs.subarray(0, oldest)],
  }
}
