import type { Details } from "../core/event/details.ts"
import type { Draft } from "../core/event/draft.ts"
import type { EventName } from "../core/event/event.ts"
import { accountOf, identityOf } from "./messaging/parties.ts"
import { type Place, rawItem } from "./place.ts"
import { id, isObject, ms, object, text, toId } from "./read.ts"

/** The result of normalizing one change of a Page or an Instagram account. */
export interface ChangeMade extends WhoAndWhen {
  event: EventName
  native: string
  details?: Details
}

export interface WhoAndWhen {
  timestampMs?: number | undefined
  /** The author as sent: the page itself or a person; undefined if not sent. */
  author?: string | undefined
  /** The page itself acted, even if the author's id does not show it. */
  own?: boolean
  profile?: Details["profile"]
}

const person = object({ id, name: text, username: text, self_ig_scoped_id: id })
const Who = object({
  from: (value) => (isObject(value) ? person.parse(value) : { id: toId(value) }),
  sender_id: id,
  sender_name: text,
  reviewer_id: id,
  reviewer_name: text,
  timestamp: ms,
  created_time: ms,
})

/** The author and time of a change, under all names that Pages and Instagram accounts use. */
export function whoAndWhen(value: unknown): WhoAndWhen {
  if (!isObject(value)) return {}
  const { from, timestamp, created_time, ...who } = Who.parse(value)
  const name = from?.name ?? who.sender_name ?? who.reviewer_name
  const username = from?.username
  return {
    timestampMs: timestamp ?? created_time,
    author: from?.id ?? who.sender_id ?? who.reviewer_id,
    own: from?.id !== undefined && from.self_ig_scoped_id !== undefined,
    profile: name === undefined && username === undefined ? undefined : { name, username },
  }
}

/** A change of a Page or an Instagram account as a draft: comments, leads, other subscribed fields. */
export function changeDraft(place: Place, pageId: string, value: unknown, made: ChangeMade): Draft {
  const own = made.own === true || made.author === pageId
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
