import type { GateRule } from "./gate.ts"

const SECOND_MS = 1_000

/**
 * At most `perSecond` requests in any second, wherever the second begins: the next may go one second after the one
 * that went `perSecond` requests before it. So what gathered while nothing was sent goes at once, but never more than
 * a second's worth of it.
 */
export function limitRate(perSecond: number): GateRule {
  const sentAtMs = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY)
  let oldest = 0
  return {
    opensAtMs: () => (sentAtMs[oldest] ?? 0) + SECOND_MS,
    sent(nowMs) {
      sentAtMs[oldest] = nowMs
      oldest = (oldest + 1) % perSecond
    },
    answered() {},
  }
}
