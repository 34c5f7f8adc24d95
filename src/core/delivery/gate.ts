import type { Outcome } from "./outcome.ts"

/**
 * One reason to delay the requests of an endpoint. A rule reads no clock: the caller passes the time, in milliseconds
 * that never decrease. Its state lives in the process that drains the endpoint.
 *
 * To add a rule: write it in a file of its own beside this one (`hold.ts` is the shortest example), with table and
 * property tests, and list it in `endpoint-gate.ts`. The drain and the store need no change: while the gate stays
 * closed for long, the lease of the endpoint is released and no dispatcher claims it.
 */
export interface GateRule {
  /** When the next request may go: a time that has passed means now, Infinity means not before an answer arrives. */
  opensAtMs(): number
  /** A request was sent. */
  sent(nowMs: number): void
  /** A request that was sent has ended. */
  answered(outcome: Outcome, nowMs: number): void
}

/** Combines rules into one, which is open when all of them are. */
export function allOf(rules: readonly GateRule[]): GateRule {
  return {
    opensAtMs() {
      let opensAtMs = Number.NEGATIVE_INFINITY
      for (const rule of rules) opensAtMs = Math.max(opensAtMs, rule.opensAtMs())
      return opensAtMs
    },
    sent(nowMs) {
      for (const rule of rules) rule.sent(nowMs)
    },
    answered(outcome, nowMs) {
      for (const rule of rules) rule.answered(outcome, nowMs)
    },
  }
}
