import type { Details } from "../core/event/details.ts"
import type { Draft } from "../core/event/draft.ts"
import type { EventName } from "../core/event/event.ts"
import { accountOf, identityOf } from "./messaging/parties.ts"
import { type Place, rawItem } from "./place.ts"

/** What is made of one change of a Page or an Instagram account. */
export interface ChangeMade {
  event: EventName
  native: string
  timestampMs: number | undefined
  /** Who did it, as sent: the page itself, a person, or not told. */
  author: string | undefined
  profile?: Details["profile"]
  details?: Details
}

/** A change of a Page or an Instagram account as an event: comments, leads, what else is subscribed by field. */
export function changeDraft(place: Place, pageId: string, value: unknown, made: ChangeMade): Draft {
  const own = made.author === pageId
  const contact = own ? "" : (made.author ?? "")
  return {
    platform: place.platform,
    event: place.test ? "webhook.test" : made.event,
    timestampMs: made.timestampMs ?? place.entryTimeMs ?? null,
    from: contact,
    pageId,
    contact,
    native: made.native,
    details: {
      direction: own ? "outbound" : contact === "" ? undefined : "inbound",
      identity: contact === "" ? undefined : identityOf(place, contact),
      profile: contact === "" ? undefined : made.profile,
      account: accountOf(place, pageId),
      ...made.details,
    },
    raw: rawItem(place, value),
  }
}
