import type { GateRule } from "./gate.ts"
import { MAX_RETRY_AFTER_MS } from "./retry.ts"

export interface Hold extends GateRule {
  /** Sends nothing before `atMs`. An earlier time than the current one is ignored. */
  holdUntil(atMs: number): void
}

/** `Retry-After` holds back the whole endpoint, not only the delivery that got this answer; up to 24 hours. */
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
