import type { Draft } from "../../core/event/draft.ts"
import { accountOf, identityOf } from "../messaging/parties.ts"
import { fingerprint, nativeKey, type Place, rawItem } from "../place.ts"
import type { JsonObject } from "../read.ts"
import { Call } from "./payload.ts"

/** Maps one item of `entry[].calls[]` (Messenger Calling) to `call.updated`. */
export function fromPageCall(place: Place, pageId: string, item: JsonObject): Draft {
  const call = Call.parse(item)
  const contact = [call.from, call.to].find((id) => id !== undefined && id !== pageId) ?? ""
  return {
    platform: place.platform,
    event: place.test ? "webhook.test" : "call.updated",
    timestampMs: call.timestamp ?? place.entryTimeMs ?? null,
    from: contact,
    pageId: pageId,
    contact,
    native: call.id === undefined ? fingerprint(item) : nativeKey(call.id, call.event),
    details: {
      direction: call.call_direction === "BUSINESS_INITIATED" || call.from === pageId ? "outbound" : "inbound",
      identity: contact === "" ? undefined : identityOf(place, contact),
      account: accountOf(place, pageId),
      call: {
        id: call.id ?? "",
        event: call.event ?? "unknown",
        status: call.status?.toLowerCase(),
        started_at: call.start_time,
        ended_at: call.end_time,
        duration: call.duration,
        session: call.session,
      },
    },
    raw: rawItem(place, item),
  }
}
