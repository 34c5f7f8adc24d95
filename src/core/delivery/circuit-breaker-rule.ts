import { answered, type Breaker, CLOSED, opensAtMs, sent } from "./circuit-breaker.ts"
import type { GateRule } from "./gate.ts"
import { succeeded } from "./outcome.ts"

export interface BreakerRule extends GateRule {
  state(): Breaker["state"]
  /** The endpoint was not well before: nothing goes until then, and then it is tried in small steps. */
  tryFrom(atMs: number): void
}

/** The breaker as a rule of an endpoint's gate. `random` in [0, 1) spreads the probes. */
export function createBreakerRule(random: () => number): BreakerRule {
  let breaker = CLOSED
  return {
    state: () => breaker.state,
    tryFrom(atMs) {
      if (breaker.state === "closed") breaker = { state: "open", untilMs: atMs, trips: 1 }
    },
    opensAtMs: () => opensAtMs(breaker),
    sent() {
      breaker = sent(breaker)
    },
    answered(outcome, nowMs) {
      breaker = answered(breaker, succeeded(outcome), nowMs, random())
    },
  }
}
