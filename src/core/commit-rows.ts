import type { NewAlias } from "./contact/assign-aliases.ts"
import type { ContactRow } from "./contact/contact.ts"

/** The rows that one commit writes, for one webhook or several. */
export interface CommitRows {
  /** Only new or changed contacts. */
  contacts: ContactRow[]
  aliases: NewAlias[]
  /** A `conversation.started` is stored only if it is the `startedBy` of its contact, so only the first one is. */
  events: EventRow[]
  deliveries: DeliveryRow[]
  erasures: Erasure[]
  faults: FaultRow[]
  unrouted: UnroutedRow[]
}

export function noRows(): CommitRows {
  return { contacts: [], aliases: [], events: [], deliveries: [], erasures: [], faults: [], unrouted: [] }
}

/** The app id of events created to test an endpoint. */
export const TEST_APP_ID = "app_test"

export interface EventRow {
  customerId: string
  id: string
  /** Days since 1970-01-01 by the platform's clock; 0 for none. */
  day: number
  appId: string
  platform: string
  event: string
  pageId: string
  sender: string
  conversationId: string
  /** JSON text of payload `full`. */
  body: string
  /** Length of the start of `body` that holds the eight keys of `compact`, in UTF-16 code units. */
  compactLength: number
  /** JSON text of the item as Meta sent it, kept if an endpoint asks for it. */
  raw: string | null
}

interface DeliveryRow {
  id: string
  /** One of the events of the same commit. */
  event: EventRow
  endpointId: string
  /** Set if it waits for earlier deliveries of its conversation. */
  conversationId: string | null
}

/** A signed item that could not become an event. */
interface FaultRow {
  id: string
  appId: string
  platform: string
  /** null if Meta does not say it. */
  pageId: string | null
  path: string
  reason: string
  item: string
}

interface UnroutedRow {
  appId: string
  platform: string
  pageId: string
  events: number
  /** How many of these are samples of Meta's dashboard. */
  testEvents: number
}

/** A message was deleted by its sender: its stored events lose their content. */
export interface Erasure {
  customerId: string
  /** Events that may exist. */
  eventIds: string[]
}
