import type { Comment } from "../../core/event/details.ts"
import type { Draft } from "../../core/event/draft.ts"
import { type ChangeMade, changeDraft, whoAndWhen } from "../changes.ts"
import { fingerprint, nativeKey, type Place } from "../place.ts"
import { isObject, type JsonObject } from "../read.ts"
import { Comment as MetaComment } from "./payload.ts"

const fields: Readonly<Record<string, (value: JsonObject, place: Place) => ChangeMade>> = {
  comments: (value, place) => comment("comment", value, place),
  live_comments: (value, place) => comment("live_comment", value, place),
  mentions: mention,
}

/**
 * Maps one change of an Instagram account to one event: comments, mentions, and other subscribed fields with their raw
 * value.
 *
 * source: https://developers.facebook.com/docs/instagram-platform/webhooks
 */
export function fromInstagramChange(place: Place, pageId: string, value: unknown): Draft {
  const make = Object.hasOwn(fields, place.field) ? fields[place.field] : undefined
  const made = make !== undefined && isObject(value) ? make(value, place) : unmapped(value, place)
  return changeDraft(place, pageId, value, made)
}

function comment(kind: Comment["kind"], value: JsonObject, place: Place): ChangeMade {
  const given = MetaComment.parse(value)
  const id = given.id ?? given.comment_id
  return id === undefined ? unmapped(value, place) : made(kind, id, id, given, value)
}

function mention(value: JsonObject, place: Place): ChangeMade {
  const given = MetaComment.parse(value)
  const comment_id = given.comment_id ?? given.id
  const id = comment_id ?? given.media?.id ?? given.media_id
  if (id === undefined) return unmapped(value, place)
  // An edited caption can mention again; a comment is identified by its id.
  const native = nativeKey(id, "mention", ...(comment_id === undefined ? [place.entryTimeMs] : []))
  return made("mention", id, native, given, value)
}

function made(kind: Comment["kind"], id: string, native: string, given: MetaComment, value: JsonObject): ChangeMade {
  const { text = "", parent_id, media } = given
  return {
    event: "comment.received",
    native,
    ...whoAndWhen(value),
    details: {
      comment: {
        id,
        kind,
        verb: "added",
        text,
        parent_id,
        media_id: media?.id ?? given.media_id,
        media_type: (media?.media_product_type ?? given.media_product_type)?.toLowerCase(),
        original_media_id: media?.original_media_id ?? given.original_media_id,
        ad_id: media?.ad_id ?? given.ad_id,
        ad_title: media?.ad_title ?? given.ad_title,
      },
    },
  }
}

function unmapped(value: unknown, place: Place): ChangeMade {
  const native = fingerprint(place.field, value, place.entryTimeMs)
  return { event: "event.unmapped", native, ...whoAndWhen(value) }
}
