import * as z from "zod"
import { Details, RawItem } from "./details.ts"
import { Message } from "./message.ts"

export const Platform = z.enum(["facebook", "instagram", "whatsapp"])
export type Platform = z.infer<typeof Platform>

const details = Details.shape

/** The eight keys of `compact`, then the additional keys of every event, then those of this event. */
function event<Name extends string, Own extends z.core.$ZodLooseShape>(name: Name, own: Own) {
  return z
    .strictObject({
      platform: Platform,
      event: z.literal(name),
      timestamp: z.int().describe("The platform's time, in Unix seconds, rounded down."),
      from: z.string().describe("The id of the contact on `page_id`. Empty if the event concerns no person."),
      page_id: z
        .string()
        .describe(
          "Your side: the id of the Page, Instagram account or WhatsApp phone number. For events about a whole WhatsApp Business Account, the id of that account.",
        ),
      conversation_id: z
        .string()
        .describe(
          "One contact on one page. Opaque and stable: the key to store. Empty if the event concerns no person.",
        ),
      signature_verified: z.boolean().describe("Meta's signature of the webhook was checked and is valid."),
      id: z.string().optional().describe("The same on every retry, and if Meta repeats the item. Deduplicate by it."),
      schema_version: z.literal("1").optional(),
      timestamp_ms: z
        .int()
        .optional()
        .describe("`timestamp` in milliseconds. If Meta sent no time, the time of receipt."),
      received_at: z.int().optional().describe("When Onehook received the item, in Unix milliseconds."),
      sequence: z.int().optional(),
      direction: details.direction,
      identity: details.identity,
      profile: details.profile,
      account: details.account,
      standby: details.standby,
      history: details.history,
      ...own,
      raw: RawItem.optional(),
    })
    .meta({ title: name })
}

const { origin, referral } = details

/**
 * The public contract: one event, as payload `compact` (the eight keys) or `full` (all keys). The schema is strict,
 * because Onehook sends no other keys. Consumers must ignore keys and values that they do not know.
 */
export const Event = z.discriminatedUnion("event", [
  event("message.received", { message: Message, referral }),
  event("message.echo", { message: Message, origin, referral }),
  event("message.edited", { message: Message, origin }),
  event("message.deleted", { message: Message, origin }),
  event("message.history", { message: Message, origin, referral }),
  event("message.reaction", { origin, reaction: details.reaction }),
  event("postback.received", { action: details.action, referral }),
  event("status.update", { status: details.status }),
  event("referral.received", { referral }),
  event("optin.update", { optin: details.optin }),
  event("feedback.received", { feedback: details.feedback }),
  event("conversation.started", { referral }),
  event("conversation.control_changed", { control: details.control }),
  event("identity.updated", { previous_identity: details.previous_identity }),
  event("comment.received", { comment: details.comment }),
  event("lead.received", { lead: details.lead }),
  event("call.updated", { call: details.call }),
  event("account.updated", { account_update: details.account_update }),
  event("template.updated", { template: details.template }),
  event("group.updated", { group: details.group }),
  event("event.unmapped", {}),
  event("webhook.test", { message: Message.optional(), ...details }),
])
export type Event = z.infer<typeof Event>

export type EventName = Event["event"]
export const EVENT_NAMES: readonly EventName[] = Event.options.map((option) => option.shape.event.value)
