import type { Account } from "../../core/event/person.ts"
import { type Entry, placeOf } from "../entry.ts"
import type { Place } from "../place.ts"
import { isObject, isSmall, type JsonObject } from "../read.ts"
import { Contact, Value } from "./payload.ts"

export interface KnownContact {
  contact: Contact
  raw: JsonObject
}

/** One change, with what its items do not repeat: the business side, and who the contacts are. */
export interface WhatsAppPlace extends Place {
  account: Account
  /** The digits of the connected number; "" where Meta does not tell it. */
  ownDigits: string
  /** By wa_id, BSUID and parent BSUID: Meta promises no order. */
  contacts: ReadonlyMap<string, KnownContact>
  /** Set where there is only one. */
  onlyContact: KnownContact | undefined
  metadata: unknown
  /** Given at the level of the change, where the items have none. */
  timestampMs: number | undefined
  /** Errors that ride along with a call; with several calls nothing tells which they are of. */
  callErrors?: unknown
}

/** The phone number the Dashboard's test button speaks of. */
const TEST_PHONE_NUMBER_ID = "123456123"

export function whatsAppPlace(entry: Entry, field: string, value: JsonObject): WhatsAppPlace {
  const place = placeOf("whatsapp", entry, field)
  const given = Value.parse(value)
  const number = given.metadata ?? given.recipient
  const phone = number?.phone_number_id ?? given.phone_number_settings?.phone_number_id
  const display_phone_number = number?.display_phone_number ?? given.display_phone_number
  const waba = given.waba_info?.waba_id ?? place.entryId
  const known = contactsOf(value)
  return {
    ...place,
    test: place.test || phone === TEST_PHONE_NUMBER_ID,
    account:
      phone === undefined
        ? { page_id: waba, account_type: "whatsapp_business_account", waba_id: waba, display_phone_number }
        : {
            page_id: phone,
            account_type: "whatsapp_phone_number",
            waba_id: waba,
            phone_number_id: phone,
            display_phone_number,
          },
    ownDigits: digits(display_phone_number),
    contacts: index(known),
    onlyContact: known.length === 1 ? known[0] : undefined,
    metadata: isSmall(value.metadata) ? value.metadata : given.metadata,
    timestampMs: given.timestamp,
  }
}

/** Whether a phone is the connected number, which `display_phone_number` may show with spaces and a plus. */
export function isOwn({ ownDigits }: WhatsAppPlace, phone: string | undefined): boolean {
  return ownDigits !== "" && digits(phone) === ownDigits
}

function digits(text = ""): string {
  return text.replace(/\D/g, "")
}

/** On standby the contacts lie one level deeper, beside the messages. */
function contactsOf(value: JsonObject): KnownContact[] {
  const contacts = (isObject(value.standby) ? value.standby.contacts : undefined) ?? value.contacts
  return Array.isArray(contacts) ? contacts.filter(isObject).map(toKnown) : []
}

function toKnown(sent: JsonObject): KnownContact {
  const { wa_id, user_id, parent_user_id } = sent
  const raw = isSmall(sent) ? sent : { wa_id, user_id, parent_user_id }
  return { contact: Contact.parse(raw), raw }
}

/** A part of a change that tells its own contact. */
export function withContact(place: WhatsAppPlace, sent: JsonObject): WhatsAppPlace {
  const known = toKnown(sent)
  return { ...place, contacts: index([known]), onlyContact: known }
}

function index(known: readonly KnownContact[]): Map<string, KnownContact> {
  const contacts = new Map<string, KnownContact>()
  for (const each of known) {
    const { wa_id, user_id, parent_user_id } = each.contact
    for (const id of [wa_id, user_id, parent_user_id]) if (id !== undefined) contacts.set(id, each)
  }
  return contacts
}
