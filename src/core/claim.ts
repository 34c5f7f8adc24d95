import type { Delivery } from "./records.ts"

/** What a dispatcher asks for when it takes, or keeps, the lease of an endpoint. */
export interface ClaimRequest {
  endpointId: string
  limit: number
  /** How many replayed deliveries, beside those. */
  replays: number
  /** Deliveries that this holder has in its hands already. */
  held: string[]
  /** Of what was never attempted only what has a later id than this; empty for all. */
  after: string
}

/** `holder` is someone else's name when the endpoint is theirs; then there are no deliveries. */
export interface Claim {
  holder: string
  deliveries: Delivery[]
  /** What another dispatcher left: nothing may be sent for so long, to the endpoint as it was set up then. */
  hold: { forMs: number; revisionMs: number } | null
}

export interface HoldRequest {
  endpointId: string
  /** Zero or less for none. */
  forMs: number
  revisionMs: number
}
