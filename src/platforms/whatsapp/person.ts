import { lineOf } from "../../core/contact/phone-line.ts"
import { type Ids, whatsAppIdentity } from "../../core/contact/whatsapp-identity.ts"
import type { Author, Identity, Profile } from "../../core/event/person.ts"
import { isOwn, type KnownContact, type WhatsAppPlace } from "./place.ts"

/** The person an item is about. */
export interface Person {
  from: string
  /** Key of the conversation: the group, the BSUID, or else the phone. */
  contact: string
  identity: Identity
  profile: Profile | undefined
  known: KnownContact | undefined
}

/** `US.1349…`, and `user.…` in drafts of 2025. Some senders put it where the phone belongs. */
const BSUID = /^(?:[A-Z]{2}|user)\./

/**
 * Joins what the item says with what its `contacts` say.
 *
 * `from` is the phone as Meta sent it, or the BSUID where Meta withholds the phone. Undefined where there is no person.
 */
export function personOf(place: WhatsAppPlace, ids: Ids): Person | undefined {
  const { phone, bsuid: told, parentBsuid } = withoutOwn(place, sortOut(ids))
  const known = knownContact(place, phone, told)
  const listed = withoutOwn(place, sortOut({ phone: known?.contact.wa_id, bsuid: known?.contact.user_id }))
  const parent = known?.contact.parent_user_id
  // Of what was sent to a parent's id, the status has that in place of the BSUID.
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

/** By one of its ids; or the only one there is, if nothing is told, or nothing else it could belong to. */
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

/** A group is the contact; who spoke in it is the author. */
export function groupOf(groupId: string, speaker?: Person): Person {
  const identity: Identity = { id: groupId, id_type: "group_id" }
  return { from: groupId, contact: groupId, identity, profile: undefined, known: speaker?.known }
}

/** With the phone that the person shared when asked for it: trustworthy, unlike a card that is forwarded. */
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

/** As an id of two persons, the connected number would join their conversations for good; and it is no contact of its own. */
export function withoutOwn(place: WhatsAppPlace, ids: Ids): Ids {
  return isOwn(place, ids.phone) ? { ...ids, phone: undefined } : ids
}

export function sortOut({ phone, bsuid, parentBsuid }: Ids): Ids {
  if (phone === undefined || !BSUID.test(phone)) return { phone, bsuid, parentBsuid }
  return { phone: undefined, bsuid: bsuid ?? phone, parentBsuid }
}
