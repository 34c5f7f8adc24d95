import { nativeKey } from "../place.ts"
import type { JsonObject } from "../read.ts"
import { fromCall } from "./calls.ts"
import { fromGroup } from "./groups.ts"
import type { Made } from "./made.ts"
import { fromEcho, fromInbound } from "./messages.ts"
import * as payload from "./payload.ts"
import { personOf } from "./person.ts"
import { fingerprintAt, type WhatsAppPlace } from "./place.ts"
import { fromStatus } from "./statuses.ts"
import { fromUserIdUpdate } from "./system.ts"

/** The arrays of a change, whatever its field: one value can have messages and statuses. */
export const arrays = {
  messages: fromInbound,
  message_echoes: fromEcho,
  statuses: fromStatus,
  calls: fromCall,
  user_preferences: fromPreference,
  user_id_update: fromUserIdUpdate,
  groups: fromGroup,
  state_sync: fromOther,
  automatic_events: fromOther,
  user_actions: fromOther,
  errors: fromOther,
} satisfies Readonly<Record<string, (item: JsonObject, place: WhatsAppPlace) => Made>>

/** A person starts or stops marketing messages. */
function fromPreference(item: JsonObject, place: WhatsAppPlace): Made {
  const { wa_id, user_id, parent_user_id, category, value, timestamp } = payload.Preference.parse(item)
  const person = personOf(place, { phone: wa_id, bsuid: user_id, parentBsuid: parent_user_id })
  return {
    event: "optin.update",
    native:
      timestamp === undefined || person === undefined
        ? fingerprintAt(place, timestamp, item)
        : nativeKey(person.contact, timestamp, category, value),
    timestampMs: timestamp,
    person,
    direction: "inbound",
    details: { optin: { kind: "user_preferences", state: value === "stop" ? "revoked" : "granted", category } },
  }
}

/** A known item without an event of its own: `event.unmapped` with its raw item, and its person if it names one. */
function fromOther(item: JsonObject, place: WhatsAppPlace): Made {
  const given = payload.Other.parse(item)
  const { contact } = given
  const ids = {
    phone: given.wa_id ?? contact?.phone_number,
    bsuid: given.user_id ?? contact?.user_id,
    parentBsuid: given.parent_user_id,
  }
  const timestampMs = given.timestamp ?? given.metadata?.timestamp
  return {
    event: "event.unmapped",
    native:
      given.id !== undefined && given.event_name !== undefined
        ? nativeKey(given.id, given.event_name)
        : fingerprintAt(place, timestampMs, place.field, item),
    timestampMs,
    person: personOf(place, ids),
  }
}
