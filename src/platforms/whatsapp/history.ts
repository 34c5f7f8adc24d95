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
 * `history[].threads[].messages[]`: the past of a number that a business connected from its phone app. A thread is named
 * by the person; who wrote a message is told only by its sender. A thread without a name leaves it to its messages.
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

/** Told as it is: that the business declined to share its past, or what no document describes. */
function unread(place: WhatsAppPlace, item: JsonObject): Made {
  const native = fingerprintAt(place, undefined, item)
  return asPast({ event: "event.unmapped", native, timestampMs: undefined })
}

/** A message of a thread; without who that is of, also media that follow the placeholder that stood in their thread. */
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
 * Messages of the past have an event of their own: whoever subscribed to new ones would answer them. What was done to a
 * message keeps its event, and is told to be of the past by `history`.
 */
export function asPast(made: Made, chunk: History = {}): Made {
  const isMessage = made.event === "message.received" || made.event === "message.echo"
  const history = { ...chunk, ...made.details?.history }
  return { ...made, event: isMessage ? "message.history" : made.event, details: { ...made.details, history } }
}
