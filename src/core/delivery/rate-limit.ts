import type { GateRule } from "./gate.ts"

const SECOND_MS = 1_000

export interface RateLimit extends GateRule {
  /** When the last `perSecond` requests went, oldest first. */
  lastSentMs(): number[]
}

/**
 * At most `perSecond` requests in any second, wherever the second begins: the next may go one second after the one
 * that went `perSecond` requests before it. So what gathered while nothing was sent goes at once, but never more than
 * a second's worth of it.
 *
 * @param lastSentMs of the rule that it follows
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
