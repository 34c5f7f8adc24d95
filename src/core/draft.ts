import type { Details, RawItem } from "./details.ts"
import type { EventName, Platform } from "./event.ts"
import type { Message } from "./message.ts"

/** What a normalizer makes of one item, before it has an owner. */
export interface Draft {
  platform: Platform
  event: EventName
  /** The platform's clock, unix ms; null where Meta gave none. */
  timestampMs: number | null
  /** The contact; empty when the event concerns no person. */
  from: string
  pageId: string
  /** Key of the conversation: PSID, IGSID, group id, BSUID or else phone; empty when there is no person. */
  contact: string
  /** WhatsApp: what account-level events are routed by. */
  wabaId?: string | undefined
  /** The platform's own identity of the item, parts joined with \x1f. */
  native: string
  message?: Message | undefined
  details: Details
  raw: RawItem
}

/** An item that cannot become an event. Its siblings go through. */
export interface Fault {
  /** Where in the body: `entry[0].messaging[2]`; empty for the body itself. */
  path: string
  reason: string
  item: unknown
}

export interface Normalized {
  drafts: Draft[]
  faults: Fault[]
  /** Items may hold what is nested too deep: those are faults. */
  isCut?: boolean
}
