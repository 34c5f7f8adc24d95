import type { Delivery } from "./delivery.ts"

/** What a dispatcher asks for when it takes, or keeps, the lease of an endpoint. */
export interface ClaimRequest {
  endpointId: string
  limit: number
  /** How many replayed deliveries, beside those. */
  replays: number
  /** Deliveries that this holder has in its hands already. */
  held: string[]
  /** Of what was never attempted only what has a later id than this, and the next of `conversations`; empty for all. */
  after: string
  /** Conversations that went on in the hands of this holder, and of which more may wait. */
  conversations: string[]
  /** Does the order of conversations count? Then it is told how far was read. */
  ordered: boolean
}

/** `holder` is someone else's name when the endpoint is theirs; then there are no deliveries. */
export interface Claim {
  holder: string
  deliveries: Delivery[]
  /** The latest id of what was never attempted, whether it may go or waits for its turn; null where there is none, or nobody asked. */
  latest: string | null
  /** What another dispatcher left: nothing may be sent for so long, to the endpoint as it was set up then. */
  hold: { forMs: number; revisionMs: number } | null
}

export interface HoldRequest {
  endpointId: string
  /** Zero or less for none. */
  forMs: number
  revisionMs: number
}
