import type { Delivery } from "./delivery.ts"

/** Takes or renews the lease of an endpoint, and reads deliveries that are due. */
export interface ClaimRequest {
  endpointId: string
  limit: number
  /** The most replayed deliveries to read, in addition to `limit`. */
  replays: number
  /** Ids of the deliveries that this holder has already; they are not read again. */
  held: string[]
  /** Read only never-attempted deliveries with a later id than this, and the next of `conversations`; empty for all. */
  after: string
  /** Conversations whose deliveries this holder has finished, and that may have more in the store. */
  conversations: string[]
  /** Does the endpoint ask for ordered conversations? Then the result contains `latest`. */
  ordered: boolean
}

/** `holder` names the dispatcher that has the lease. If that is another one, there are no deliveries. */
export interface Claim {
  holder: string
  deliveries: Delivery[]
  /** The latest id of a never-attempted delivery, due or waiting for its conversation; null if none, or unordered. */
  latest: string | null
  /** A hold that another dispatcher stored: send nothing for so long, if the endpoint still has this revision. */
  hold: { forMs: number; revisionMs: number } | null
}

export interface HoldRequest {
  endpointId: string
  /** How long nothing may be sent; zero or less for no hold. */
  forMs: number
  revisionMs: number
}
