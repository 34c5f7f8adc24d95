import type { Details } from "../../core/event/details.ts"
import type { Draft } from "../../core/event/draft.ts"
import type { EventName } from "../../core/event/event.ts"
import type { Message } from "../../core/event/message.ts"
import { rawItem } from "../place.ts"
import type { Person } from "./person.ts"
import type { WhatsAppPlace } from "./place.ts"

/** The result of normalizing one item. */
export interface Made {
  event: EventName
  native: string
  timestampMs: number | undefined
  person?: Person | undefined
  direction?: "inbound" | "outbound"
  message?: Message
  details?: Details
}

export function whatsAppDraft(place: WhatsAppPlace, item: unknown, made: Made): Draft | { reason: string } {
  const { account } = place
  if (account.page_id === "") return { reason: "names no phone number and no account" }
  const { person } = made
  const raw = rawItem(place, item)
  if (person?.known !== undefined) raw.contacts = [person.known.raw]
  if (place.metadata !== undefined) raw.metadata = place.metadata
  return {
    platform: "whatsapp",
    event: place.test ? "webhook.test" : made.event,
    timestampMs: made.timestampMs ?? place.timestampMs ?? place.entryTimeMs ?? null,
    from: person?.from ?? "",
    pageId: account.page_id,
    contact: person?.contact ?? "",
    wabaId: account.waba_id,
    native: made.native,
    message: made.message,
    details: {
      direction: made.direction,
      identity: person?.identity,
      profile: person?.profile,
      account,
      standby: place.standby || undefined,
      ...made.details,
    },
    raw,
  }
}
