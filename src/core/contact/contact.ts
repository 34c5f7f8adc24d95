import type { Draft } from "../event/draft.ts"
import type { EventName, Platform } from "../event/event.ts"
import type { Identity } from "../event/person.ts"
import { lineOf } from "./phone-line.ts"
import { whatsAppIdentity } from "./whatsapp-identity.ts"

/** One of several ids of a WhatsApp contact; a line is none that Meta tells, and joins the two numbers that it has. */
export interface Alias {
  id: string
  type: "wa_id" | "bsuid" | "parent_bsuid" | "line"
}

/** A contact as one item showed it to one customer. */
export interface Sighting {
  customerId: string
  appId: string
  platform: Platform
  pageId: string
  /** Its key on the page; on WhatsApp only if none of its aliases is known. */
  scopedId: string
  idType: Identity["id_type"]
  /**
   * The first known one decides whose sighting this is; lines are among them. Empty where a contact has one id for
   * ever.
   */
  aliases: readonly Alias[]
  /** Should the contact be new. */
  conversationId: string
  name: string | null
  username: string | null
  pictureUrl: string | null
  /**
   * The event that would tell of the beginning of the conversation; "" if it began before; null if this begins none.
   */
  startedBy: string | null
}

/** What is known of a contact once a sighting of it is stored. */
export interface Contact {
  scopedId: string
  conversationId: string
  aliases: readonly Alias[]
  started: boolean
}

/** What came of one sighting. */
export interface Seen {
  contact: Contact
  /** This sighting began the conversation, for the first time ever. */
  started: boolean
  /** The aliases that the contact had before this sighting added to them; undefined where it added none. */
  before: readonly Alias[] | undefined
  /** Some of its aliases are another contact's, and stay so. */
  conflict: boolean
}

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

/** Items of a conversation. A comment is public, and what is unmapped may be an address book. */
const CONVERSES: ReadonlySet<EventName> = new Set<EventName>([
  "message.received",
  "message.echo",
  "message.edited",
  "message.deleted",
  "message.history",
  "message.reaction",
  "postback.received",
  "status.update",
  "referral.received",
  "optin.update",
  "feedback.received",
  "call.updated",
  "conversation.control_changed",
])

/** Whether an item begins a conversation if it is the first; `past` where it is told of after it happened. */
export function beginning(draft: Draft): "now" | "past" | "none" {
  if (!CONVERSES.has(draft.event)) return "none"
  return draft.details.history === undefined ? "now" : "past"
}

/** A sample of Meta's dashboard is about nobody. */
export function isAboutContact(draft: Draft): boolean {
  return draft.contact !== "" && draft.event !== "webhook.test"
}

/**
 * The ids of a WhatsApp contact, `from` first, then phone, BSUID, parent BSUID; the old ones before the new ones,
 * since a changed id belongs to the conversation of the old one. Last the lines of the phones, since ids that Meta
 * tells are surer.
 */
export function aliasesOf({ platform, event, details: { identity, previous_identity } }: Draft): Alias[] {
  if (platform !== "whatsapp" || identity === undefined) return []
  const aliases: Alias[] = []
  if (event === "identity.updated" && previous_identity !== undefined) addAliases(aliases, previous_identity)
  addAliases(aliases, identity)
  for (const { id, type } of aliases) {
    const line = type === "wa_id" ? lineOf(id) : undefined
    if (line !== undefined) add(aliases, "line", `~${line}`)
  }
  return aliases
}

function addAliases(aliases: Alias[], { id_type, wa_id, bsuid, parent_bsuid }: Identity): void {
  if (id_type !== "wa_id" && id_type !== "bsuid") return
  if (id_type === "bsuid") add(aliases, "bsuid", bsuid)
  add(aliases, "wa_id", wa_id)
  add(aliases, "bsuid", bsuid)
  add(aliases, "parent_bsuid", parent_bsuid)
}

function add(aliases: Alias[], type: Alias["type"], id: string | undefined): void {
  if (id !== undefined && !aliases.some((alias) => alias.id === id)) aliases.push({ id, type })
}

/** Aliases as an event tells them; of several phones or user ids the one that was learned last. */
export function identityOf(aliases: readonly Alias[]): Identity | undefined {
  const last = (type: Alias["type"]) => aliases.findLast((alias) => alias.type === type)?.id
  return whatsAppIdentity({ phone: last("wa_id"), bsuid: last("bsuid"), parentBsuid: last("parent_bsuid") })
}

const MAX_NAME_LENGTH = 300

const CONTROL = /\p{Cc}/gu

/** A name as it is kept: Meta bounds none, and Postgres holds no NUL. */
export function nameOf(told: string | undefined): string | null {
  return told?.slice(0, MAX_NAME_LENGTH).replaceAll(CONTROL, " ").toWellFormed() ?? null
}
