import type { Account, Identity } from "../../core/event/person.ts"
import type { Place } from "../place.ts"
import { isObject, type JsonObject, type Parsed, toId } from "../read.ts"
import type { Item } from "./payload.ts"

/** The two sides of an item. */
export interface Parties {
  pageId: string
  /** PSID, IGSID or user_ref; empty if the item concerns no person. Never the page. */
  contact: string
  identity: Identity | undefined
  direction: "inbound" | "outbound"
}

type Side = Parsed<typeof Item>["sender"]

/**
 * The contact is the side that is not the page, whoever wrote. What the page sent is outbound, whether or not Meta
 * marks it as an echo.
 */
export function partiesOf(place: Place, item: JsonObject, { sender, recipient }: Parsed<typeof Item>): Parties {
  const echo = isEcho(item)
  const pageId = pageOf(place, echo || item.is_self === true, sender?.id, recipient?.id)
  const sentByPage = echo || sender?.id === pageId || (idOf(sender) === undefined && isPerson(recipient, pageId))
  const [first, second] = sentByPage ? [recipient, sender] : [sender, recipient]
  const person = isPerson(first, pageId) ? first : isPerson(second, pageId) ? second : undefined
  const userRef = person?.user_ref ?? (isObject(item.optin) ? toId(item.optin.user_ref) : undefined)
  const named = person?.id ?? userRef ?? ""
  const contact = named === pageId ? "" : named
  return {
    pageId,
    contact,
    identity: contact === "" ? undefined : identityOf(place, contact, person?.id === undefined),
    direction: sentByPage ? "outbound" : "inbound",
  }
}

/**
 * Instagram marks what a business writes to itself with `is_self`, in the message or beside it, and sends it as an
 * echo.
 */
function isEcho({ message, is_self }: JsonObject): boolean {
  return isObject(message) && (message.is_echo === true || message.is_self === true || is_self === true)
}

/**
 * The page is the id of the entry, if it is one of the sides. Instagram also sends "0" or a Page's id there, and test
 * bodies send "0": then the page is the first connected id, starting with the entry's, or else the business side.
 */
function pageOf(place: Place, own: boolean, sender: string | undefined, recipient: string | undefined): string {
  const { entryId, platform } = place
  const named = entryId === "" || entryId === "0" ? undefined : entryId
  if (named !== undefined && (named === recipient || named === sender)) return named
  const [business, other] = own ? [sender, recipient] : [recipient, sender]
  for (const id of [named, business, other]) if (id !== undefined && place.isConnected(platform, id)) return id
  return (platform === "facebook" ? (named ?? business) : (business ?? named)) ?? entryId
}

function idOf(side: Side): string | undefined {
  return side?.id ?? side?.user_ref
}

function isPerson(side: Side, pageId: string): boolean {
  return idOf(side) !== undefined && side?.id !== pageId
}

export function identityOf(place: Place, contact: string, isUserRef = false): Identity {
  if (isUserRef) return { id: contact, id_type: "user_ref" }
  return place.platform === "instagram"
    ? { id: contact, id_type: "igsid", igsid: contact }
    : { id: contact, id_type: "psid", psid: contact }
}

export function accountOf(place: Place, pageId: string): Account {
  return place.platform === "instagram"
    ? { page_id: pageId, account_type: "instagram_account", account_id: pageId }
    : { page_id: pageId, account_type: "facebook_page" }
}
