import { limitConcurrency } from "./concurrency.ts"
import { allOf } from "./gate.ts"
import { createHold, type Hold } from "./hold.ts"
import type { Endpoint } from "./route.ts"

/** What a drain asks before each request. `holdUntil` is for what another dispatcher found out. */
export type EndpointGate = Hold

/** All that can hold the requests of one endpoint back, for the endpoint as it is set up now. */
export function createEndpointGate(endpoint: Pick<Endpoint, "maxConcurrency">): EndpointGate {
  const hold = createHold()
  return { ...allOf([limitConcurrency(endpoint.maxConcurrency), hold]), holdUntil: hold.holdUntil }
}
