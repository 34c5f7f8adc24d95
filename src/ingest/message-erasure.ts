import type { Erasure } from "../core/commit-rows.ts"
import type { EventName } from "../core/event/event.ts"
import { eventId } from "../core/event/ids.ts"
import type { Routed } from "./assemble.ts"

const MESSAGES: readonly EventName[] = ["message.received", "message.echo", "message.history"]
/** Messenger and Instagram allow no more edits and number them; WhatsApp edits have an id of their own. */
const MAX_EDITS = 5

/** For a deleted message: the ids that its events may have. Not all of them exist. */
export function erasureOf({ customerId, draft }: Routed): Erasure | undefined {
  const { platform, pageId, message } = draft
  const native = message?.id ?? ""
  if (draft.event !== "message.deleted" || native === "") return undefined
  const eventIds = MESSAGES.map((event) => eventId({ platform, pageId, event, native }))
  for (let edit = 1; platform !== "whatsapp" && edit <= MAX_EDITS; edit++) {
    eventIds.push(eventId({ platform, pageId, event: "message.edited", native: `${native}\x1f${edit}` }))
  }
  return { customerId, eventIds }
}
