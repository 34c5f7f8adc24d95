import type { Ids } from "../../core/contact/whatsapp-identity.ts"
import { nativeKey } from "../place.ts"
import type { JsonObject } from "../read.ts"
import { toErrors } from "./content.ts"
import type { Made } from "./made.ts"
import * as payload from "./payload.ts"
import { personOf } from "./person.ts"
import { fingerprintAt, isOwn, type WhatsAppPlace } from "./place.ts"

/** One of `calls[]`. Every step of a call has the call's id. */
export function fromCall(item: JsonObject, place: WhatsAppPlace): Made {
  const call = payload.Call.parse(item)
  const outbound = call.direction === undefined ? isOwn(place, call.from) : call.direction === "BUSINESS_INITIATED"
  return {
    event: "call.updated",
    native:
      call.id === undefined || call.event === undefined
        ? fingerprintAt(place, call.timestamp, item)
        : nativeKey(call.id, call.event),
    timestampMs: call.timestamp,
    person: personOf(place, outbound ? calleeOf(call, place) : callerOf(call, place)),
    direction: outbound ? "outbound" : "inbound",
    details: {
      call: {
        id: call.id ?? "",
        event: call.event ?? "unknown",
        status: call.status?.toLowerCase(),
        started_at: call.start_time,
        ended_at: call.end_time,
        duration: call.duration,
        payload: call.cta_payload ?? call.deeplink_payload,
        callback_data: call.biz_opaque_callback_data,
        session: call.session,
        media: call.call_recording ?? call.call_transcript,
        errors: toErrors(payload.errors(place.callErrors)),
      },
    },
  }
}

/** Some of Meta's examples of calls by the business swap the numbers; the user ids are never swapped. */
function calleeOf(call: payload.Call, place: WhatsAppPlace): Ids {
  const phone = otherThanOwn(place, call.to, call.from)
  return { phone, bsuid: call.to_user_id, parentBsuid: call.to_parent_user_id }
}

function callerOf(call: payload.Call, place: WhatsAppPlace): Ids {
  const phone = otherThanOwn(place, call.from, call.to)
  return { phone, bsuid: call.from_user_id, parentBsuid: call.from_parent_user_id }
}

function otherThanOwn(place: WhatsAppPlace, phone: string | undefined, other: string | undefined): string | undefined {
  if (!isOwn(place, phone)) return phone
  return isOwn(place, other) ? undefined : other
}
