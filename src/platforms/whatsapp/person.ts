import { lineOf } from "../../core/contact/phone-line.ts"
import { type Ids, whatsAppIdentity } from "../../core/contact/whatsapp-identity.ts"
import type { Author, Identity, Profile } from "../../core/event/person.ts"
import { isOwn, type KnownContact, type WhatsAppPlace } from "./place.ts"

/** The contact of an item. */
export interface Person {
  from: string
  /** Key of the conversation: the group, the BSUID, or the phone. */
  contact: string
  identity: Identity
  profile: Profile | undefined
  known: KnownContact | undefined
}

/** `US.1349…`, and `user.…` in drafts of 2025. Sometimes it is in the key for the phone. */
const BSUID = /^(?:[A-Z]{2}|user)\./

/**
 * Combines the ids of the item with those of its `contacts`.
 *
 * `from` is the phone as Meta sent it, or the BSUID if Meta withholds the phone. Undefined if there is no person.
 */
export function personOf(place: WhatsAppPlace, ids: Ids): Person | undefined {
  const { phone, bsuid: told, parentBsuid } = withoutOwn(place, sortOut(ids))
  const known = knownContact(place, phone, told)
  const listed = withoutOwn(place, sortOut({ phone: known?.contact.wa_id, bsuid: known?.contact.user_id }))
  const parent = known?.contact.parent_user_id
  // The status of a message sent to a parent BSUID has that id in place of the BSUID.
  const bsuid = told === parent ? (listed.bsuid ?? told) : (told ?? listed.bsuid)
  const identity = whatsAppIdentity(
    { phone: phone ?? listed.phone, bsuid, parentBsuid: parentBsuid ?? parent },
    phone === undefined,
  )
  if (identity === undefined) return undefined
  const name = known?.contact.profile?.name
  const username = (known?.contact.profile?.username ?? known?.contact.username)?.replace(/^@/, "")
  if (username !== undefined) identity.username = username
  const profile = name === undefined && username === undefined ? undefined : { name, username }
  return { from: identity.id, contact: identity.bsuid ?? identity.id, identity, profile, known }
}

/** Found by one of its ids, or the only contact if the item names none, or is the only item. */
function knownContact(place: WhatsAppPlace, phone: string | undefined, bsuid: string | undefined) {
  const { contacts, onlyContact, oneItem } = place
  const found =
    (phone === undefined ? undefined : byPhone(contacts, phone)) ??
    (bsuid === undefined ? undefined : contacts.get(bsuid))
  if (found !== undefined || onlyContact === undefined) return found
  if (phone === undefined && bsuid === undefined) return onlyContact
  const { wa_id, user_id } = onlyContact.contact
  const isOther = isOwn(place, wa_id) || (bsuid !== undefined && user_id !== undefined)
  return oneItem && !isOther ? onlyContact : undefined
}

function byPhone(contacts: WhatsAppPlace["contacts"], phone: string): KnownContact | undefined {
  const known = contacts.get(phone)
  if (known !== undefined || contacts.size === 0) return known
  const line = lineOf(phone)
  return line === undefined ? undefined : contacts.get(line)
}

/** A group is the contact; the member who wrote is the author. */
export function groupOf(groupId: string, speaker?: Person): Person {
  const identity: Identity = { id: groupId, id_type: "group_id" }
  return { from: groupId, contact: groupId, identity, profile: undefined, known: speaker?.known }
}

/** Adds the phone that the person shared on request, which can be trusted, unlike a forwarded card. */
export function withPhone(person: Person, phone: string): Person {
  const { wa_id, bsuid, parent_bsuid: parentBsuid, username } = person.identity
  const identity = wa_id === undefined ? whatsAppIdentity({ phone, bsuid, parentBsuid }, true) : undefined
  if (identity === undefined) return person
  if (username !== undefined) identity.username = username
  return { ...person, identity }
}

export function authorOf({ identity, profile }: Person): Author {
  return { ...identity, name: profile?.name }
}

/** The connected number is never a contact: as an id of two persons it would join their conversations for good. */
export function withoutOwn(place: WhatsAppPlace, ids: Ids): Ids {
  return isOwn(place, ids.phone) ? { ...ids, phone: undefined } : ids
}

export function sortOut({ phone, bsuid, parentBsuid }: Ids): Ids {
  if (phone === undefined || !BSUID.test(phone)) return { phone, bsuid, parentBsuid }
  return { phone: undefined, bsuid: bsuid ?? phone, parentBsuid }
}
