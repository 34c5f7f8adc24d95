import type { Ids } from "../../core/contact/whatsapp-identity.ts"
import type { History } from "../../core/event/details.ts"
import type { Normalized } from "../../core/event/draft.ts"
import { isObject, type JsonObject } from "../read.ts"
import { each } from "../walk.ts"
import { type Made, whatsAppDraft } from "./made.ts"
import { fromMessage, receiverOf, senderOf, withOrigin } from "./messages.ts"
import * as payload from "./payload.ts"
import { personOf } from "./person.ts"
import { fingerprintAt, isOwn, type WhatsAppPlace, withContact } from "./place.ts"

/**
 * `history[].threads[].messages[]`: past messages of a number that a business connected from its phone app. The id of a
 * thread is the person; only the sender of a message tells who wrote it. Without an id, the messages name the person.
 */
export function normalizeHistory(out: Normalized, place: WhatsAppPlace, item: JsonObject, path: string) {
  const chunk = payload.HistoryChunk.parse(item)
  if (chunk.threads === undefined) return whatsAppDraft(place, item, unread(place, item))
  const { phase, chunk_order, progress } = chunk.metadata ?? {}
  each(out, chunk.threads, `${path}.threads`, (_, value, threadPath) => {
    const thread = payload.Thread.parse(value)
    if (thread.messages === undefined) return whatsAppDraft(place, value, unread(place, value))
    const { wa_id, user_id, parent_user_id } = thread.context ?? {}
    const phone = thread.id ?? wa_id
    const named = phone !== undefined || user_id !== undefined
    const ids = named ? { phone, bsuid: user_id, parentBsuid: parent_user_id } : undefined
    const there = isObject(value.context) ? withContact(place, value.context) : place
    each(out, thread.messages, `${threadPath}.messages`, (_, message) => {
      const made = fromPast(message, there, ids)
      return whatsAppDraft(there, message, asPast(made, { phase, chunk: chunk_order, progress }))
    })
    return undefined
  })
  return undefined
}

/** Unmapped: the business declined to share its past, or the item is undocumented. */
function unread(place: WhatsAppPlace, item: JsonObject): Made {
  const native = fingerprintAt(place, undefined, item)
  return asPast({ event: "event.unmapped", native, timestampMs: undefined })
}

/** A message of a thread, or, without a person, media that follow the placeholder in their thread. */
export function fromPast(item: JsonObject, place: WhatsAppPlace, thread?: Ids): Made {
  const given = payload.Message.parse(item)
  const outbound = isOwn(place, given.from)
  const person = personOf(place, thread ?? (outbound ? receiverOf(given) : senderOf(given)))
  const made = fromMessage(given, item, person, outbound ? "outbound" : "inbound", place)
  const history = { status: given.history_context?.status?.toLowerCase() }
  const told = outbound ? withOrigin(made, { kind: "business_app" }) : made
  return { ...told, details: { history, ...told.details } }
}

/**
 * Past messages have their own event, since a bot that subscribes to new messages would answer them. Reactions, edits
 * and deletions keep their event, and `history` marks them as past.
 */
export function asPast(made: Made, chunk: History = {}): Made {
  const isMessage = made.event === "message.received" || made.event === "message.echo"
  const history = { ...chunk, ...made.details?.history }
  return { ...made, event: isMessage ? "message.history" : made.event, details: { ...made.details, history } }
}
