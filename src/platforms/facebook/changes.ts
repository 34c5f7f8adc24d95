import type { Comment } from "../../core/event/details.ts"
import type { Draft } from "../../core/event/draft.ts"
import { type ChangeMade, changeDraft, whoAndWhen } from "../changes.ts"
import { fingerprint, nativeKey, type Place } from "../place.ts"
import { isObject, type JsonObject } from "../read.ts"
import { toTemplate } from "../template.ts"
import { Feed, Leadgen } from "./payload.ts"

const VERBS = new Map([
  ["add", "added"],
  ["edit", "edited"],
  ["edited", "edited"],
  ["remove", "removed"],
  ["hide", "hidden"],
  ["unhide", "unhidden"],
])

/** Other actions can repeat and carry the time of the original, so the entry's time tells them apart. */
const ONCE = new Set(["add", "remove"])

const fields: Readonly<Record<string, (value: JsonObject, place: Place) => ChangeMade>> = {
  feed: fromFeed,
  ratings: fromFeed,
  mention: (value, place) => comment("mention", Feed.parse(value), value, place),
  leadgen: fromLeadgen,
  message_template_status_update: (value, place) => ({
    event: "template.updated",
    native: fingerprint(place.field, value, place.entryTimeMs),
    details: { template: toTemplate(place.field, value) },
  }),
}

/**
 * Maps one change of a Page to one event: comments, leads, and other subscribed fields with their raw value.
 *
 * source: https://developers.facebook.com/docs/graph-api/webhooks/reference/page
 */
export function fromPageChange(place: Place, pageId: string, value: unknown): Draft {
  const make = Object.hasOwn(fields, place.field) ? fields[place.field] : undefined
  const made = make !== undefined && isObject(value) ? make(value, place) : unmapped(value, place)
  return changeDraft(place, pageId, value, made)
}

function fromFeed(value: JsonObject, place: Place): ChangeMade {
  const feed = Feed.parse(value)
  return feed.item === "comment" && feed.comment_id !== undefined
    ? comment("comment", feed, value, place)
    : unmapped(value, place)
}

function comment(kind: Comment["kind"], feed: Feed, value: JsonObject, place: Place): ChangeMade {
  const { comment_id, parent_id, verb = "add" } = feed
  const post_id = feed.post_id ?? feed.open_graph_story_id
  const id = comment_id ?? post_id ?? ""
  const when = ONCE.has(verb) ? undefined : place.entryTimeMs
  return {
    event: "comment.received",
    native: nativeKey(id, kind, verb, when),
    ...whoAndWhen(value),
    details: {
      comment: {
        id,
        kind,
        verb: VERBS.get(verb) ?? verb,
        text: feed.message ?? "",
        parent_id: parent_id === post_id ? undefined : parent_id,
        post_id,
        permalink: feed.post?.permalink_url,
      },
    },
  }
}

function fromLeadgen(value: JsonObject, place: Place): ChangeMade {
  const { leadgen_id, form_id, ad_id, adgroup_id, created_time } = Leadgen.parse(value)
  if (leadgen_id === undefined) return unmapped(value, place)
  return {
    event: "lead.received",
    native: leadgen_id,
    timestampMs: created_time,
    details: { lead: { id: leadgen_id, form_id, ad_id, adgroup_id } },
  }
}

function unmapped(value: unknown, place: Place): ChangeMade {
  const { created_time, verb = "" } = isObject(value) ? Feed.parse(value) : {}
  const once = created_time !== undefined && ONCE.has(verb)
  const when = once ? undefined : place.entryTimeMs
  return { event: "event.unmapped", native: fingerprint(place.field, value, when), ...whoAndWhen(value) }
}
