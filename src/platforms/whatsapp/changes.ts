import { fingerprint, nativeKey } from "../place.ts"
import { isObject, type JsonObject } from "../read.ts"
import { toTemplate } from "../template.ts"
import { fromGroup } from "./groups.ts"
import type { Made } from "./made.ts"
import * as payload from "./payload.ts"
import { personOf } from "./person.ts"
import { fingerprintAt, type WhatsAppPlace } from "./place.ts"

/** Fields about the account, one of its numbers, or the business behind it. */
const ACCOUNT_FIELD = /^(?:account_|phone_number_|business_|payment_configuration|partner_solutions|security$|flows$)/
const GROUP_FIELD = /^group_\w+_update$/
const TEMPLATE_FIELD = /^(?:message_)?template_/

/** A change that is one item: it has no array, and usually no phone number and no person. */
export function fromChangeValue(value: JsonObject, place: WhatsAppPlace): Made {
  const { field } = place
  if (field === "messaging_handovers") return fromHandover(value, place)
  if (GROUP_FIELD.test(field) && (value.group_id !== undefined || value.type !== undefined))
    return fromGroup(value, place)
  const made = unmapped(value, place)
  if (TEMPLATE_FIELD.test(field)) {
    return { ...made, event: "template.updated", details: { template: toTemplate(field, value) } }
  }
  if (ACCOUNT_FIELD.test(field)) {
    const kind = [value.event, value.decision, value.type, value.status].find((each) => typeof each === "string")
    const account_update = { field, kind: kind?.toLowerCase().replaceAll(" ", "_"), value }
    return { ...made, event: "account.updated", details: { account_update } }
  }
  return unmappedOf(value, place)
}

/** The only contact beside it, if any, is its person. */
const NOBODY = {}

/** A change without an event of its own; its person is the only contact beside it, if any. */
export function unmappedOf(value: JsonObject, place: WhatsAppPlace): Made {
  return { ...unmapped(value, place), person: personOf(place, NOBODY) }
}

/** An item without an event of its own; without an id, its whole content identifies it. */
export function unmapped(value: JsonObject, { field, timestampMs, entryTimeMs }: WhatsAppPlace): Made {
  return { event: "event.unmapped", native: fingerprint(field, value, timestampMs ?? entryTimeMs), timestampMs }
}

/** The control of a conversation changed: Meta's agent, this app, or another. */
function fromHandover(value: JsonObject, place: WhatsAppPlace): Made {
  const given = payload.Handover.parse(value)
  const { sender, timestamp } = given
  const key = (["control_passed", "control_taken"] as const).find((each) => isObject(given[each]))
  const change = key && given[key]
  const reason = given.type ?? key
  const owners = payload.Owners.parse(isObject(change) ? change : {})
  const person = personOf(place, {
    phone: sender?.phone_number ?? sender?.wa_id,
    bsuid: sender?.user_id,
    parentBsuid: sender?.parent_user_id,
  })
  return {
    event: "conversation.control_changed",
    native:
      timestamp === undefined || person === undefined
        ? fingerprintAt(place, timestamp, given.sender, reason, owners, timestamp)
        : nativeKey(person.contact, timestamp, reason),
    timestampMs: timestamp,
    person,
    details: {
      control: {
        from_owner: owners.previous_owner_app_id ?? owners.previous_owner_role ?? owners.previous_owner_app_role,
        to_owner: owners.new_owner_app_id ?? owners.new_owner_role ?? owners.new_owner_app_role,
        reason,
        metadata: owners.metadata,
      },
    },
  }
}
