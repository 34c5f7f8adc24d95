import type { GateRule } from "./gate.ts"
import { MAX_RETRY_AFTER_MS } from "./retry.ts"

export interface Hold extends GateRule {
  /** Someone knows that nothing may go before; a hold is only ever made longer. */
  holdUntil(atMs: number): void
}

/** `Retry-After` holds the whole endpoint back, not only the delivery that was answered so; up to 24 hours. */
export function createHold(): Hold {
  let untilMs = Number.NEGATIVE_INFINITY
  function holdUntil(atMs: number) {
    untilMs = Math.max(untilMs, atMs)
  }
  return {
    holdUntil,
    opensAtMs: () => untilMs,
    sent() {},
    answered(outcome, nowMs) {
      if (outcome.kind !== "response" || outcome.retryAfterMs === null) return
      holdUntil(nowMs + Math.min(outcome.retryAfterMs, MAX_RETRY_AFTER_MS))
    },
  }
}
