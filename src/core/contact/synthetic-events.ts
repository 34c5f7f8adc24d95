import type { Draft } from "../event/draft.ts"
import { type Alias, identityOf } from "./contact.ts"

const SEPARATOR = "\x1f"

/** An event for which Meta sends no item of its own. It has the time of the item that caused it, and no raw item. */
function synthetic(event: "conversation.started" | "identity.updated", cause: Draft, details: Draft["details"]): Draft {
  const { direction, identity, profile, account, standby } = cause.details
  return {
    ...cause,
    event,
    native: ["onehook", cause.event, cause.native].join(SEPARATOR),
    message: undefined,
    details: { direction, identity, profile, account, standby, ...details },
  }
}

/** The event for the first item of a conversation, from either side. */
export function conversationStarted(cause: Draft): Draft {
  return synthetic("conversation.started", cause, { referral: cause.details.referral })
}

/** The event for an item that gave a known WhatsApp contact a new id. */
export function identityUpdated(cause: Draft, before: readonly Alias[]): Draft {
  return synthetic("identity.updated", cause, { previous_identity: identityOf(before) })
}
