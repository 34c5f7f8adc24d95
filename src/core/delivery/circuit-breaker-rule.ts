import { answered, type Breaker, CLOSED, opensAtMs, sent } from "./circuit-breaker.ts"
import type { GateRule } from "./gate.ts"
import { succeeded } from "./outcome.ts"

export interface BreakerRule extends GateRule {
  state(): Breaker["state"]
  /** Opens a closed breaker for an endpoint that was known to fail: the first probe may go at `atMs`. */
  probeFrom(atMs: number): void
}

/** The circuit breaker as a rule of an endpoint's gate. `random` in [0, 1) spreads the probes. */
export function createBreakerRule(random: () => number): BreakerRule {
  let breaker = CLOSED
  return {
    state: () => breaker.state,
    probeFrom(atMs) {
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
