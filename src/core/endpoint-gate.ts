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
  /** Until when others should leave the endpoint alone too; its own limits are no reason for that. */
  heldUntilMs(): number
  breaker(): ReturnType<BreakerRule["state"]>
}

/** What this process found out itself comes back from the store, by another clock: it is not news. */
const CLOCK_SLACK_MS = 1_000

type Limits = Pick<Endpoint, "maxConcurrency" | "maxRate"> & Partial<Pick<Endpoint, "recovering">>

/** All that can hold the requests of one endpoint back, for the endpoint as it is set up now. */
export function createEndpointGate(
  { maxConcurrency, maxRate, recovering }: Limits,
  random: () => number,
): EndpointGate {
  const hold = createHold()
  const breaker = createBreakerRule(random)
  if (recovering) breaker.tryFrom(Number.NEGATIVE_INFINITY)
  const known = allOf([hold, breaker])
  const rules = [limitConcurrency(maxConcurrency), hold, breaker]
  return {
    ...allOf(maxRate === null ? rules : [...rules, limitRate(maxRate)]),
    breaker: breaker.state,
    heldUntilMs: known.opensAtMs,
    holdUntil(atMs) {
      if (atMs <= known.opensAtMs() + CLOCK_SLACK_MS) return
      hold.holdUntil(atMs)
      breaker.tryFrom(atMs)
    },
  }
}
