import type { Details, RawItem } from "./details.ts"
import type { EventName, Platform } from "./event.ts"
import type { Message } from "./message.ts"

/** A normalized item before it is routed to customers. */
export interface Draft {
  platform: Platform
  event: EventName
  /** The time by the platform's clock, unix ms; null if Meta gave none. */
  timestampMs: number | null
  /** The `from` of the event: the contact; empty if the event concerns no person. */
  from: string
  pageId: string
  /** Key of the conversation: PSID, IGSID, group id, BSUID or else phone; empty when there is no person. */
  contact: string
  /** WhatsApp Business Account, by which account-level events are routed. */
  wabaId?: string | undefined
  /** What identifies the item on the platform, parts joined with \x1f. */
  native: string
  message?: Message | undefined
  details: Details
  raw: RawItem
}

/** An item that cannot become an event. The other items of the webhook are not affected. */
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
