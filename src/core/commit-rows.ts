import type { NewAlias } from "./contact/assign-aliases.ts"
import type { ContactRow } from "./contact/contact.ts"

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
}

/** A message was taken back: what is stored of it loses its content. */
export interface Erasure {
  customerId: string
  /** Events that may exist. */
  eventIds: string[]
}
