import type { EventRow } from "../commit-rows.ts"

/** The content of an event from which `render` makes the request body. */
export type Content = Pick<EventRow, "body" | "compactLength" | "raw">

interface Big {
  /** Body and raw item as UTF-8. */
  bytes: number
  /** The day of the event, which is part of its key in the store. */
  day: string
}

/** A delivery as claimed by the dispatcher that holds the lease of its endpoint. */
export interface Delivery {
  id: string
  customerId: string
  eventId: string
  /** Attempts made so far. */
  attempts: number
  createdAtMs: number
  body: string
  compactLength: number
  raw: string | null
  /** Set if the content is too large to hold while waiting: it is empty here and is read just before sending. */
  big: Big | null
  /** Set only if the endpoint asks for ordered conversations. */
  conversationId: string | null
  /** Why the attempt is made, such as `replay`; null for the retry schedule. */
  trigger: string | null
}

/** Duration of each phase of a request in whole milliseconds; null for phases skipped by a reused connection. */
export interface Timings {
  dns: number | null
  connect: number | null
  tls: number | null
  firstByte: number | null
}

/** The record of one attempt. */
export interface AttemptRecord {
  endpointId: string
  deliveryId: string
  number: number
  startedAtMs: number
  durationMs: number
  outcome: string
  verdict: "delivered" | "retry" | "exhausted"
  status: number | null
  error: string | null
  response: string | null
  /** Until the next attempt; null when there is none. */
  retryInMs: number | null
  trigger: string | null
  /** Null if no connection was made, or if the customer must not see the address. */
  remoteAddress: string | null
  timings: Timings
}
