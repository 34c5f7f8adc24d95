import type { Origin } from "../../core/event/details.ts"
import type { Message } from "../../core/event/message.ts"
import { fingerprint } from "../place.ts"
import { toContent } from "./attachments.ts"
import type { At, Made } from "./made.ts"
import type { Message as MetaMessage } from "./payload.ts"
import { toReferral } from "./referral.ts"

/** Received, echoed or deleted: Meta sends all three as `message`. */
export function fromMessage(given: MetaMessage, at: At): Made {
  const native = given.mid ?? fingerprint(at.item, at.timestampMs)
  const echo = at.parties.direction === "outbound"
  const origin = echo ? toOrigin(given, at) : undefined
  if (given.is_deleted === true) {
    const by = echo ? "business" : "contact"
    const message: Message = { type: "text", body: "", id: given.mid ?? "", deleted: { by } }
    return { event: "message.deleted", native, message, details: { origin } }
  }
  const referral = given.referral === undefined ? undefined : toReferral(given.referral)
  const event = echo ? "message.echo" : "message.received"
  return { event, native, message: toMessage(given), details: { origin, referral } }
}

function toMessage(given: MetaMessage): Message {
  const attached = given.attachments === undefined ? undefined : toContent(given.attachments)
  return {
    type: typeOf(given, attached?.first),
    body: given.text ?? "",
    id: given.mid ?? "",
    ...attached?.content,
    action: given.quick_reply && {
      kind: "quick_reply",
      payload: given.quick_reply.payload ?? "",
      title: given.text,
    },
    reply_to: given.reply_to && {
      message_id: given.reply_to.mid,
      is_self: given.reply_to.is_self_reply,
      story: given.reply_to.story,
    },
  }
}

function typeOf(given: MetaMessage, first: Message["type"] | undefined): Message["type"] {
  if (given.is_unsupported === true) return "unsupported"
  if (given.quick_reply !== undefined) return "interactive"
  return first ?? (given.text === undefined ? "unsupported" : "text")
}

/** Messenger names no app if a person wrote in the Page inbox; Instagram omits it for apps too. */
function toOrigin(given: MetaMessage, at: At): Origin {
  const human = at.place.platform === "facebook" && at.parties.direction === "outbound"
  return {
    kind: given.app_id !== undefined ? "api" : human ? "page_inbox" : "unknown",
    app_id: given.app_id,
    metadata: given.metadata,
  }
}
