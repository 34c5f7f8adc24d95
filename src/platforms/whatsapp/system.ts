import { type Ids, whatsAppIdentity } from "../../core/contact/whatsapp-identity.ts"
import { fingerprint, nativeKey } from "../place.ts"
import type { JsonObject } from "../read.ts"
import type { Made } from "./made.ts"
import * as payload from "./payload.ts"
import { personOf, sortOut } from "./person.ts"
import type { WhatsAppPlace } from "./place.ts"

const CHANGES = ["user_changed_number", "customer_changed_number", "user_changed_user_id"]

/** A person's phone or BSUID changed. `from` of the item is the old one; the new one lies inside, and no contacts tell it. */
export function fromSystem(
  given: payload.Message,
  item: JsonObject,
  system: JsonObject,
  sender: Ids,
  place: WhatsAppPlace,
): Made {
  const { type = "", ...ids } = payload.System.parse(system)
  const native = given.id ?? fingerprint(item)
  const base = { native, timestampMs: given.timestamp }
  const made = CHANGES.includes(type)
    ? identityUpdated(
        {
          phone: sender.phone,
          bsuid: ids.previous_user_id ?? sender.bsuid,
          parentBsuid: ids.previous_parent_user_id ?? sender.parentBsuid,
        },
        { phone: ids.wa_id ?? ids.new_wa_id, bsuid: ids.user_id, parentBsuid: ids.parent_user_id },
      )
    : undefined
  if (made !== undefined) return { ...base, ...made }
  return { ...base, event: "event.unmapped", person: personOf(place, sender), direction: "inbound" }
}

/** The field of the same purpose that Meta documented for some months of 2026. */
export function fromUserIdUpdate(item: JsonObject, place: WhatsAppPlace): Made {
  const { wa_id, user_id, parent_user_id, timestamp } = payload.UserIdUpdate.parse(item)
  const native = nativeKey(user_id?.previous, user_id?.current, timestamp)
  const made = identityUpdated(
    { bsuid: user_id?.previous, parentBsuid: parent_user_id?.previous },
    { phone: wa_id, bsuid: user_id?.current, parentBsuid: parent_user_id?.current },
  )
  if (made !== undefined) return { native, timestampMs: timestamp, ...made }
  return { event: "event.unmapped", native: fingerprint(item), timestampMs: timestamp, person: personOf(place, {}) }
}

/** `from` and identity are the new ids; the conversation stays the old one's. */
function identityUpdated(before: Ids, after: Ids): Omit<Made, "native" | "timestampMs"> | undefined {
  const previous = whatsAppIdentity(sortOut(before))
  const identity = whatsAppIdentity(sortOut(after))
  if (previous === undefined || identity === undefined) return undefined
  return {
    event: "identity.updated",
    direction: "inbound",
    person: {
      from: identity.id,
      contact: previous.bsuid ?? previous.id,
      identity,
      profile: undefined,
      known: undefined,
    },
    details: { previous_identity: previous },
  }
}
