import type { Draft } from "../../core/event/draft.ts"
import { type Place, rawItem } from "../place.ts"
import type { JsonObject } from "../read.ts"
import { makeItem } from "./kinds.ts"
import { accountOf, partiesOf } from "./parties.ts"
import { Item } from "./payload.ts"
import { isSample } from "./sample.ts"

/**
 * Maps one item of `messaging[]` or `standby[]` to one event.
 *
 * - shape: see payload.ts; unknown keys are ignored, unknown kinds become `event.unmapped`
 * - units: Meta sends milliseconds, in test bodies seconds as a string; without a time, the entry's time is used
 * - errors: an item that names no page is a fault, since it has no owner
 * - source: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
 */
export function fromMessagingItem(place: Place, item: JsonObject): Draft | { reason: string } {
  const base = Item.parse(item)
  const parties = partiesOf(place, item, base)
  if (parties.pageId === "") return { reason: "names no page" }
  const timestampMs = base.timestamp ?? place.entryTimeMs ?? null
  const made = makeItem({ place, item, parties, timestampMs })
  return {
    platform: place.platform,
    event: isSample(place, item, base) ? "webhook.test" : made.event,
    timestampMs,
    from: parties.contact,
    pageId: parties.pageId,
    contact: parties.contact,
    native: made.native,
    message: made.message,
    details: {
      direction: (made.direction === undefined ? parties.direction : made.direction) ?? undefined,
      identity: parties.identity,
      account: accountOf(place, parties.pageId),
      standby: place.standby || undefined,
      ...made.details,
    },
    raw: rawItem(place, item),
  }
}
