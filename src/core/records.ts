import type { NewAlias } from "./assign-aliases.ts"

/** What one webhook, or many together, become in the store. */
export interface CommitRows {
  /** Only those that are new, or have something new to tell. */
  contacts: ContactRow[]
  aliases: NewAlias[]
  /** A `conversation.started` is stored only with the contact whose `startedBy` it is, if nothing else was first. */
  events: EventRow[]
  deliveries: DeliveryRow[]
  erasures: Erasure[]
  faults: FaultRow[]
  unrouted: UnroutedRow[]
}

export function noRows(): CommitRows {
  return { contacts: [], aliases: [], events: [], deliveries: [], erasures: [], faults: [], unrouted: [] }
}

/** In place of an app: an event that was made to try an endpoint out. */
export const TEST_APP_ID = "app_test"

/** A contact as it is now told of: what is null here stays as it is in the store. */
export interface ContactRow {
  customerId: string
  appId: string
  platform: string
  pageId: string
  scopedId: string
  idType: string
  conversationId: string
  name: string | null
  username: string | null
  pictureUrl: string | null
  startedBy: string | null
}

export interface EventRow {
  customerId: string
  id: string
  /** Days since 1970-01-01, from the platform's clock; 0 for none. */
  day: number
  appId: string
  platform: string
  event: string
  pageId: string
  sender: string
  conversationId: string
  /** JSON text of payload `full`. */
  body: string
  /** How much of `body` holds the eight keys of `compact`. */
  compactLength: number
  /** JSON text of the item as Meta sent it, where someone asked for it. */
  raw: string | null
}

interface DeliveryRow {
  id: string
  /** One of the events that are committed with it. */
  event: EventRow
  endpointId: string
  /** Where it waits for those before it in its conversation. */
  conversationId: string | null
}

/** A signed item that could not become an event. */
interface FaultRow {
  id: string
  appId: string
  platform: string
  path: string
  reason: string
  item: string
}

interface UnroutedRow {
  appId: string
  platform: string
  pageId: string
  events: number
  /** Of these, samples of Meta's dashboard. */
  testEvents: number
}

/** A message was taken back: what is stored of it loses its content. */
export interface Erasure {
  customerId: string
  /** Events that may exist. */
  eventIds: string[]
}

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
