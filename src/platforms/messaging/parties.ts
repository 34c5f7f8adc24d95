import type { Account, Identity } from "../../core/event/person.ts"
import type { Place } from "../place.ts"
import { isObject, type JsonObject, type Parsed, toId } from "../read.ts"
import type { Item } from "./payload.ts"

/** Who is on which side of an item. */
export interface Parties {
  pageId: string
  /** PSID, IGSID or user_ref; empty when the item concerns no person. */
  contact: string
  identity: Identity | undefined
  direction: "inbound" | "outbound"
}

/** Instagram marks what a business writes to itself with `is_self`, within the message or beside it; it comes as an echo. */
export function isEcho(item: JsonObject): boolean {
  const { message, is_self } = item
  return isObject(message) && (message.is_echo === true || message.is_self === true || is_self === true)
}

/**
 * The contact is the other one than the page, whoever wrote.
 *
 * The page is `entry.id`, but Instagram also sends "0" or a Page's id there, and test bodies send "0": then it is the
 * business side of sender and recipient.
 */
export function partiesOf(place: Place, item: JsonObject, { sender, recipient }: Parsed<typeof Item>): Parties {
  const echo = isEcho(item)
  const business = echo || item.is_self === true ? sender?.id : recipient?.id
  const misnamed =
    place.entryId === "" ||
    place.entryId === "0" ||
    (place.platform === "instagram" && place.entryId !== sender?.id && place.entryId !== recipient?.id)
  const pageId = (misnamed ? business : undefined) ?? place.entryId
  const sentByPage = echo || (sender?.id === pageId && recipient?.id !== pageId)
  const person = (sentByPage ? recipient : sender) ?? (recipient?.id === pageId ? undefined : recipient)
  const userRef = person?.user_ref ?? (isObject(item.optin) ? toId(item.optin.user_ref) : undefined)
  const contact = person?.id ?? userRef ?? ""
  return {
    pageId,
    contact,
    identity: contact === "" ? undefined : identityOf(place, contact, person?.id === undefined),
    direction: sentByPage ? "outbound" : "inbound",
  }
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
