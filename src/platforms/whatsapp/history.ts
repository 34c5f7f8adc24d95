import type { Normalized } from "../../core/draft.ts"
import { fingerprint } from "../place.ts"
import type { JsonObject } from "../read.ts"
import { each } from "../walk.ts"
import { type Made, whatsAppDraft } from "./made.ts"
import { fromMessage } from "./messages.ts"
import * as payload from "./payload.ts"
import { type Ids, personOf } from "./person.ts"
import type { WhatsAppPlace } from "./place.ts"

/**
 * `history[].threads[].messages[]`: the past of a number that a business connected from its phone app. A thread is named
 * by the person; who wrote a message is told only by its sender.
 */
export function normalizeHistory(out: Normalized, place: WhatsAppPlace, item: JsonObject, path: string) {
  const chunk = payload.HistoryChunk.parse(item)
  if (chunk.threads === undefined) {
    return whatsAppDraft(place, item, { event: "event.unmapped", native: fingerprint(item), timestampMs: undefined })
  }
  const { phase, chunk_order, progress } = chunk.metadata ?? {}
  const history = { phase, chunk: chunk_order, progress }
  each(out, chunk.threads, `${path}.threads`, (_, value, threadPath) => {
    const thread = payload.Thread.parse(value)
    const { wa_id, user_id, parent_user_id } = thread.context ?? {}
    const ids = { phone: thread.id ?? wa_id, bsuid: user_id, parentBsuid: parent_user_id }
    each(out, thread.messages, `${threadPath}.messages`, (_, message) => {
      const made = fromPast(message, ids, place)
      const status = made.status?.toLowerCase()
      return whatsAppDraft(place, message, { ...made, details: { ...made.details, history: { ...history, status } } })
    })
    return undefined
  })
  return undefined
}

function fromPast(item: JsonObject, ids: Ids, place: WhatsAppPlace): Made & { status: string | undefined } {
  const given = payload.Message.parse(item)
  const outbound = given.from !== undefined && digits(given.from) === digits(place.account.display_phone_number ?? "")
  const made = fromMessage(given, item, personOf(place, ids), outbound ? "outbound" : "inbound")
  return { ...made, status: given.history_context?.status }
}

function digits(text: string): string {
  return text.replace(/\D/g, "")
}
