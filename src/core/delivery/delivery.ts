import type { EventRow } from "../commit-rows.ts"

/** What is sent of an event, and what `render` makes it from. */
export type Content = Pick<EventRow, "body" | "compactLength" | "raw">

interface Big {
  /** Body and raw item as UTF-8. */
  bytes: number
  /** The day of the event, by which it is found. */
  day: string
}

/** A delivery in the hands of the dispatcher that holds its endpoint. */
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
  /** Where the content is too much to be held while it waits: it is empty here, and read when its turn comes. */
  big: Big | null
  /** Only where the endpoint wants the order of each conversation. */
  conversationId: string | null
  /** What the attempt is made for; null is the schedule. */
  trigger: string | null
}

/** Whole milliseconds that the phases of a request took; null for those of a connection that was there already. */
export interface Timings {
  dns: number | null
  connect: number | null
  tls: number | null
  firstByte: number | null
}

/** What one attempt came to. */
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
  /** Null where nothing was connected, or where it may not be told. */
  remoteAddress: string | null
  timings: Timings
}
