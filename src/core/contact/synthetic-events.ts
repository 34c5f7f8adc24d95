import type { Draft } from "../event/draft.ts"
import { type Alias, identityOf } from "./contact.ts"

const SEPARATOR = "\x1f"

/** The two events that Meta sends no item for. They have the time of the item that brought them about, and no raw item. */
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

/** The first item ever of a conversation, from either side. */
export function conversationStarted(cause: Draft): Draft {
  return synthetic("conversation.started", cause, { referral: cause.details.referral })
}

/** The item named a known WhatsApp contact by an id that was not known to be its. */
export function identityUpdated(cause: Draft, before: readonly Alias[]): Draft {
  return synthetic("identity.updated", cause, { previous_identity: identityOf(before) })
}
