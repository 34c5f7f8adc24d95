import { fingerprint, nativeKey } from "../place.ts"
import { isObject, type JsonObject } from "../read.ts"
import { toTemplate } from "../template.ts"
import type { Made } from "./made.ts"
import * as payload from "./payload.ts"
import { personOf } from "./person.ts"
import { fingerprintAt, type WhatsAppPlace } from "./place.ts"

/** Fields that tell about the account, a number of it, or the business behind it. */
const ACCOUNT_FIELD = /^(?:account_|phone_number_|business_|payment_configuration|partner_solutions|security$|flows$)/
const TEMPLATE_FIELD = /^(?:message_)?template_/

/** A change that is one item as a whole: no array in it, mostly no phone number and no person. */
export function fromChangeValue(value: JsonObject, place: WhatsAppPlace): Made {
  const { field } = place
  if (field === "messaging_handovers") return fromHandover(value, place)
  const made = unmapped(value, place)
  if (TEMPLATE_FIELD.test(field)) {
    return { ...made, event: "template.updated", details: { template: toTemplate(field, value) } }
  }
  if (ACCOUNT_FIELD.test(field)) {
    const kind = [value.event, value.decision, value.type, value.status].find((each) => typeof each === "string")
    const account_update = { field, kind: kind?.toLowerCase().replaceAll(" ", "_"), value }
    return { ...made, event: "account.updated", details: { account_update } }
  }
  return made
}

/** What is not known, or has no event of its own; without an id it is known by all that it says. */
export function unmapped(value: JsonObject, { field, timestampMs, entryTimeMs }: WhatsAppPlace): Made {
  return { event: "event.unmapped", native: fingerprint(field, value, timestampMs ?? entryTimeMs), timestampMs }
}

/** Who answers a conversation changed: Meta's agent, this app, or another. */
function fromHandover(value: JsonObject, place: WhatsAppPlace): Made {
  const given = payload.Handover.parse(value)
  const { sender, type: reason, timestamp } = given
  const change = given.control_passed ?? given.control_taken
  const owners = payload.Owners.parse(isObject(change) ? change : {})
  const person = personOf(place, {
    phone: sender?.phone_number,
    bsuid: sender?.user_id,
    parentBsuid: sender?.parent_user_id,
  })
  return {
    event: "conversation.control_changed",
    native:
      timestamp === undefined || person === undefined
        ? fingerprintAt(place, timestamp, value)
        : nativeKey(person.contact, timestamp, reason),
    timestampMs: timestamp,
    person,
    details: {
      control: {
        from_owner: owners.previous_owner_app_id ?? owners.previous_owner_role,
        to_owner: owners.new_owner_app_id ?? owners.new_owner_role,
        reason,
        metadata: owners.metadata,
      },
    },
  }
}
