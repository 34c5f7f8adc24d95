import { type BreakerRule, createBreakerRule } from "./circuit-breaker-rule.ts"
import { type InFlight, limitConcurrency } from "./concurrency-limit.ts"
import type { Endpoint } from "./endpoint.ts"
import { allOf } from "./gate.ts"
import { createHold, type Hold } from "./hold.ts"
import { limitRate } from "./rate-limit.ts"

/**
 * What a drain asks before each request. `holdUntil` is for what another dispatcher found out; after it, as after an
 * open breaker, requests go in small steps first.
 */
export interface EndpointGate extends Hold {
  /** Until when others should leave the endpoint alone too; its own limits are no reason for that. */
  heldUntilMs(): number
  breaker(): ReturnType<BreakerRule["state"]>
  /** The gate of the endpoint as it was changed: of this one it knows what is in flight, and what went in the last second. */
  changedTo(limits: Limits): EndpointGate
}

interface Traffic {
  inFlight: InFlight
  lastSentMs: readonly number[]
}

/** What this process found out itself comes back from the store, by another clock: it is not news. */
const CLOCK_SLACK_MS = 1_000

type Limits = Pick<Endpoint, "maxConcurrency" | "maxRate"> & Partial<Pick<Endpoint, "recovering">>

/** All that can hold the requests of one endpoint back, for the endpoint as it is set up now. */
export function createEndpointGate(
  { maxConcurrency, maxRate, recovering }: Limits,
  random: () => number,
  { inFlight, lastSentMs }: Traffic = { inFlight: { count: 0 }, lastSentMs: [] },
): EndpointGate {
  const hold = createHold()
  const breaker = createBreakerRule(random)
  if (recovering) breaker.tryFrom(Number.NEGATIVE_INFINITY)
  const known = allOf([hold, breaker])
  const rate = maxRate === null ? undefined : limitRate(maxRate, lastSentMs)
  const rules = [limitConcurrency(maxConcurrency, inFlight), hold, breaker]
  return {
    ...allOf(rate === undefined ? rules : [...rules, rate]),
    breaker: breaker.state,
    heldUntilMs: known.opensAtMs,
    changedTo: (limits) => createEndpointGate(limits, random, { inFlight, lastSentMs: rate?.lastSentMs() ?? [] }),
    holdUntil(atMs) {
      if (atMs <= known.opensAtMs() + CLOCK_SLACK_MS) return
      hold.holdUntil(atMs)
      breaker.tryFrom(atMs)
    },
  }
}
