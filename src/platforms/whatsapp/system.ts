import { type Ids, whatsAppIdentity } from "../../core/contact/whatsapp-identity.ts"
import { nativeKey } from "../place.ts"
import type { JsonObject } from "../read.ts"
import type { Made } from "./made.ts"
import * as payload from "./payload.ts"
import { personOf, sortOut, withoutOwn } from "./person.ts"
import { fingerprintAt, type WhatsAppPlace } from "./place.ts"

const CHANGES = ["user_changed_number", "customer_changed_number", "user_changed_user_id"]

/**
 * A person's phone or BSUID changed. `from` of the item is the old id; the new id is inside, and no contact has it.
 * An item with only one of them, or of another kind, belongs to the person that it names.
 */
export function fromSystem(
  given: payload.Message,
  item: JsonObject,
  system: JsonObject,
  sender: Ids,
  place: WhatsAppPlace,
): Made {
  const { type = "", ...ids } = payload.System.parse(system)
  const base = { native: given.id ?? fingerprintAt(place, given.timestamp, item), timestampMs: given.timestamp }
  const before = {
    phone: sender.phone ?? ids.customer,
    bsuid: ids.previous_user_id ?? sender.bsuid,
    parentBsuid: ids.previous_parent_user_id ?? sender.parentBsuid,
  }
  const after = { phone: ids.wa_id ?? ids.new_wa_id, bsuid: ids.user_id, parentBsuid: ids.parent_user_id }
  const made = CHANGES.includes(type) ? identityUpdated(place, before, after) : undefined
  return { ...base, direction: "inbound", ...(made ?? unclear(place, before, after)) }
}

/** The field for the same purpose that Meta documented for some months of 2026. */
export function fromUserIdUpdate(item: JsonObject, place: WhatsAppPlace): Made {
  const { wa_id, user_id, parent_user_id, timestamp } = payload.UserIdUpdate.parse(item)
  const before = { bsuid: user_id?.previous, parentBsuid: parent_user_id?.previous }
  const after = { phone: wa_id, bsuid: user_id?.current, parentBsuid: parent_user_id?.current }
  const made = identityUpdated(place, before, after)
  if (made === undefined || timestamp === undefined) {
    const native = fingerprintAt(place, timestamp, item)
    return { native, timestampMs: timestamp, ...(made ?? unclear(place, before, after)) }
  }
  return { native: nativeKey(user_id?.previous, user_id?.current, timestamp), timestampMs: timestamp, ...made }
}

type WhoAndWhat = Omit<Made, "native" | "timestampMs">

/** `from` and identity are the new ids; the conversation stays the old one's. */
function identityUpdated(place: WhatsAppPlace, before: Ids, after: Ids): WhoAndWhat | undefined {
  const previous = whatsAppIdentity(withoutOwn(place, sortOut(before)))
  const identity = whatsAppIdentity(withoutOwn(place, sortOut(after)))
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

/** The ids that the item names; if it names both, the old ones, by which the person is known. */
function unclear(place: WhatsAppPlace, before: Ids, after: Ids): WhoAndWhat {
  const isTold = ({ phone, bsuid }: Ids) => phone !== undefined || bsuid !== undefined
  return { event: "event.unmapped", person: personOf(place, isTold(withoutOwn(place, before)) ? before : after) }
}
