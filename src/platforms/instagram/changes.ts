import type { Comment } from "../../core/event/details.ts"
import type { Draft } from "../../core/event/draft.ts"
import { type ChangeMade, changeDraft } from "../changes.ts"
import { fingerprint, nativeKey, type Place } from "../place.ts"
import { isObject, type JsonObject } from "../read.ts"
import * as payload from "./payload.ts"

const fields: Readonly<Record<string, (value: JsonObject, place: Place) => ChangeMade>> = {
  comments: (value, place) => comment("comment", value, place),
  live_comments: (value, place) => comment("live_comment", value, place),
  mentions: mention,
}

/**
 * Maps one change of an Instagram account to one event: comments and mentions, and whatever else is subscribed, with its
 * raw value.
 *
 * source: https://developers.facebook.com/docs/instagram-platform/webhooks
 */
export function fromInstagramChange(place: Place, pageId: string, value: unknown): Draft {
  const make = Object.hasOwn(fields, place.field) ? fields[place.field] : undefined
  const made = make !== undefined && isObject(value) ? make(value, place) : unmapped(value, place)
  return changeDraft(place, pageId, value, made)
}

function comment(kind: Comment["kind"], value: JsonObject, place: Place): ChangeMade {
  const { id, text = "", parent_id, from, media, timestamp } = payload.Comment.parse(value)
  if (id === undefined) return unmapped(value, place)
  const own = from?.self_ig_scoped_id !== undefined && from.id !== undefined
  return {
    event: "comment.received",
    native: id,
    timestampMs: timestamp,
    author: own ? place.entryId : from?.id,
    profile: from?.username === undefined ? undefined : { username: from.username },
    details: {
      comment: {
        id,
        kind,
        verb: "added",
        text,
        parent_id,
        media_id: media?.id,
        media_type: media?.media_product_type?.toLowerCase(),
        ad_id: media?.ad_id,
      },
    },
  }
}

function mention(value: JsonObject, place: Place): ChangeMade {
  const { media_id, comment_id } = payload.Mention.parse(value)
  const id = comment_id ?? media_id
  if (id === undefined) return unmapped(value, place)
  return {
    event: "comment.received",
    // Media can come to mention once more, when the caption is edited; a comment is known by its id.
    native: nativeKey(id, "mention", ...(comment_id === undefined ? [place.entryTimeMs] : [])),
    timestampMs: undefined,
    author: undefined,
    details: { comment: { id, kind: "mention", verb: "added", text: "", media_id } },
  }
}

function unmapped(value: unknown, place: Place): ChangeMade {
  const native = fingerprint(place.field, value, place.entryTimeMs)
  return { event: "event.unmapped", native, timestampMs: undefined, author: undefined }
}
