import { type BreakerRule, createBreakerRule } from "./breaker-rule.ts"
import { limitConcurrency } from "./concurrency.ts"
import { allOf } from "./gate.ts"
import { createHold, type Hold } from "./hold.ts"
import { limitRate } from "./rate-limit.ts"
import type { Endpoint } from "./route.ts"

/**
 * What a drain asks before each request. `holdUntil` is for what another dispatcher found out; after it, as after an
 * open breaker, requests go in small steps first.
 */
export interface EndpointGate extends Hold {
  breaker(): ReturnType<BreakerRule["state"]>
}

type Limits = Pick<Endpoint, "maxConcurrency" | "maxRate">

/** All that can hold the requests of one endpoint back, for the endpoint as it is set up now. */
export function createEndpointGate({ maxConcurrency, maxRate }: Limits, random: () => number): EndpointGate {
  const hold = createHold()
  const breaker = createBreakerRule(random)
  const rules = [limitConcurrency(maxConcurrency), hold, breaker]
  return {
    ...allOf(maxRate === null ? rules : [...rules, limitRate(maxRate)]),
    breaker: breaker.state,
    holdUntil(atMs) {
      hold.holdUntil(atMs)
      breaker.tryFrom(atMs)
    },
  }
}
