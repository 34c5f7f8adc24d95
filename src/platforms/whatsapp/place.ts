import { lineOf } from "../../core/contact/phone-line.ts"
import type { Account } from "../../core/event/person.ts"
import { type Entry, placeOf } from "../entry.ts"
import { fingerprint, type Place } from "../place.ts"
import { isObject, isSmall, type JsonObject } from "../read.ts"
import { Contact, Value } from "./payload.ts"

export interface KnownContact {
  contact: Contact
  raw: JsonObject
}

/** One change, with facts that its items do not repeat: the business side and the contacts. */
export interface WhatsAppPlace extends Place {
  account: Account
  /** The line of the connected number; "" if Meta does not send it. */
  ownLine: string
  /** By wa_id, its line, BSUID and parent BSUID, since Meta does not promise an order. */
  contacts: ReadonlyMap<string, KnownContact>
  /** Set if there is only one. */
  onlyContact: KnownContact | undefined
  /** There is only one item, so the only contact belongs to it. */
  oneItem: boolean
  metadata: unknown
  /** On the change, if its items have none. */
  timestampMs: number | undefined
  /** Errors beside a call; with several calls they cannot be assigned. */
  callErrors?: unknown
}

/** The phone number in samples of the Dashboard's test button. */
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
    ownLine: lineOfText(display_phone_number),
    contacts: index(known),
    onlyContact: known.length === 1 ? known[0] : undefined,
    oneItem: known.length === 1 && countItems(value) === 1,
    metadata: isSmall(value.metadata) ? value.metadata : given.metadata,
    timestampMs: given.timestamp,
  }
}

/** Is the phone the connected number or its id? `display_phone_number` may have spaces and a plus. */
export function isOwn({ ownLine, account }: WhatsAppPlace, phone: string | undefined): boolean {
  if (phone === undefined) return false
  return phone === account.phone_number_id || (ownLine !== "" && lineOfText(phone) === ownLine)
}

/** The native key of an item without an id; without a time, the time of its change takes part. */
export function fingerprintAt(place: WhatsAppPlace, timestampMs: number | undefined, ...parts: unknown[]): string {
  const givenMs = timestampMs === undefined ? (place.timestampMs ?? place.entryTimeMs) : undefined
  return givenMs === undefined ? fingerprint(...parts) : fingerprint(...parts, givenMs)
}

function lineOfText(text = ""): string {
  const digits = text.replace(/\D/g, "")
  return lineOf(digits) ?? digits
}

/** The arrays of a change; on standby they are one level deeper. */
function countItems(holder: JsonObject): number {
  let count = 0
  for (const key in holder) {
    const value = holder[key]
    if (Array.isArray(value)) count += key === "contacts" ? 0 : value.length
    else if (key === "standby" && isObject(value)) count += countItems(value)
  }
  return count
}

/** On standby the contacts are one level deeper, beside the messages. */
function contactsOf(value: JsonObject): KnownContact[] {
  const contacts = (isObject(value.standby) ? value.standby.contacts : undefined) ?? value.contacts
  return Array.isArray(contacts) ? contacts.filter(isObject).map(toKnown) : []
}

function toKnown(sent: JsonObject): KnownContact {
  const { wa_id, user_id, parent_user_id } = sent
  const raw = isSmall(sent) ? sent : { wa_id, user_id, parent_user_id }
  return { contact: Contact.parse(raw), raw }
}

/** A part of a change that names its own contact. */
export function withContact(place: WhatsAppPlace, sent: JsonObject): WhatsAppPlace {
  const known = toKnown(sent)
  return { ...place, contacts: index([known]), onlyContact: known, oneItem: true }
}

function index(known: readonly KnownContact[]): Map<string, KnownContact> {
  const contacts = new Map<string, KnownContact>()
  for (const each of known) {
    const { wa_id, user_id, parent_user_id } = each.contact
    for (const id of [wa_id, user_id, parent_user_id]) if (id !== undefined) contacts.set(id, each)
    const line = wa_id === undefined ? undefined : lineOf(wa_id)
    if (line !== undefined && !contacts.has(line)) contacts.set(line, each)
  }
  return contacts
}
