import { type BreakerRule, createBreakerRule } from "./circuit-breaker-rule.ts"
import { type InFlight, limitConcurrency } from "./concurrency-limit.ts"
import type { Endpoint } from "./endpoint.ts"
import { allOf } from "./gate.ts"
import { createHold, type Hold } from "./hold.ts"
import { limitRate } from "./rate-limit.ts"

/**
 * Decides when the next request may go to one endpoint. `holdUntil` applies a hold that another dispatcher set.
 * Requests start slowly after it, as after an open breaker.
 */
export interface EndpointGate extends Hold {
  /** Until when other dispatchers should leave the endpoint alone too. Concurrency and rate limits do not count. */
  heldUntilMs(): number
  breaker(): ReturnType<BreakerRule["state"]>
  /** The gate for new settings: keeps requests in flight and those of the last second; breaker and hold start fresh. */
  changedTo(limits: Limits): EndpointGate
}

interface Traffic {
  inFlight: InFlight
  lastSentMs: readonly number[]
}

/** A hold that this process stored comes back from the store, whose clock differs a little; it is not a longer hold. */
const CLOCK_SLACK_MS = 1_000

type Limits = Pick<Endpoint, "maxConcurrency" | "maxRate"> & Partial<Pick<Endpoint, "recovering">>

/** The gate of one endpoint as configured now: concurrency limit, hold, circuit breaker and rate limit together. */
export function createEndpointGate(
  { maxConcurrency, maxRate, recovering }: Limits,
  random: () => number,
  { inFlight, lastSentMs }: Traffic = { inFlight: { count: 0 }, lastSentMs: [] },
): EndpointGate {
  const hold = createHold()
  const breaker = createBreakerRule(random)
  if (recovering) breaker.probeFrom(Number.NEGATIVE_INFINITY)
  const shared = allOf([hold, breaker])
  const rate = maxRate === null ? undefined : limitRate(maxRate, lastSentMs)
  const rules = [limitConcurrency(maxConcurrency, inFlight), hold, breaker]
  return {
    ...allOf(rate === undefined ? rules : [...rules, rate]),
    breaker: breaker.state,
    heldUntilMs: shared.opensAtMs,
    changedTo: (limits) => createEndpointGate(limits, random, { inFlight, lastSentMs: rate?.lastSentMs() ?? [] }),
    holdUntil(atMs) {
      if (atMs <= shared.opensAtMs() + CLOCK_SLACK_MS) return
      hold.holdUntil(atMs)
      breaker.probeFrom(atMs)
    },
  }
}
