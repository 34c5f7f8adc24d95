import type { Outcome } from "./outcome.ts"

/**
 * One reason to hold the requests of an endpoint back. It has no clock: calls bring the time, in milliseconds that only
 * ever grow. What it remembers lives in the process that drains the endpoint.
 *
 * To add one: write it as a file of its own beside this one (`hold.ts` is the shortest example), with table and property
 * tests, and list it in `endpoint-gate.ts`. The drain and the store need no change: an endpoint whose gate stays
 * closed for long is given back and not looked at until the gate opens, by this dispatcher or any other.
 */
export interface GateRule {
  /** From when one more request may go: any time that has passed means now, Infinity that only an answer can tell. */
  opensAtMs(): number
  /** A request goes out. */
  sent(nowMs: number): void
  /** A request that went out came to this. */
  answered(outcome: Outcome, nowMs: number): void
}

/** Several rules as one: it is open when all are. */
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
