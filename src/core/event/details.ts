import * as z from "zod"
import { Group } from "./group.ts"
import { Action, MetaError } from "./message.ts"
import { Account, Identity, Profile } from "./person.ts"

const text = z.string().optional()
const flag = z.boolean().optional()

/** Meta's item and its context. Optional per endpoint; always present on `event.unmapped`. */
export const RawItem = z
  .strictObject({
    object: z.string(),
    entry_id: z.string(),
    entry_time: z.number().optional().describe("`entry[].time`, as sent."),
    field: z.string().describe("messaging, standby, calls, entry, or the field of the change."),
    item: z.unknown().describe("The item as Meta sent it."),
    contacts: z.array(z.unknown()).optional().describe("WhatsApp: the contact beside the item, as sent."),
    metadata: z.unknown().optional().describe("WhatsApp: the metadata of the change, as sent."),
  })
  .meta({ id: "RawItem" })
export type RawItem = z.infer<typeof RawItem>

export const Origin = z
  .strictObject({
    kind: z
      .enum(["api", "business_app", "page_inbox", "automation", "meta_agent", "unknown"])
      .describe("Who on your side sent the message."),
    app_id: text,
    own_app: flag,
    metadata: text.describe("As set by the sender of the message."),
  })
  .meta({ id: "Origin" })
export type Origin = z.infer<typeof Origin>

const Status = z
  .strictObject({
    state: z.string().describe("sent, delivered, read, played, failed, or another name of Meta's."),
    message_ids: z.array(z.string()),
    watermark_ms: z.int().optional().describe("Messenger: everything up to this time, in Unix milliseconds."),
    recipient: text,
    participant: text,
    callback_data: text.describe("WhatsApp: biz_opaque_callback_data, as set when the message was sent."),
    errors: z.array(MetaError).optional(),
    pricing: z.unknown().optional(),
    conversation: z.unknown().optional(),
    payment: z.unknown().optional().describe("WhatsApp: the payment or refund of an order, as Meta sent it."),
  })
  .meta({ id: "Status" })

const Reaction = z
  .strictObject({
    action: z.enum(["added", "removed"]),
    emoji: z.string().nullable(),
    name: z.string().nullable().describe("Meta's name of the reaction (love, other). Always null on WhatsApp."),
    message_id: z.string(),
  })
  .meta({ id: "Reaction" })

export const Referral = z
  .strictObject({
    source: z.enum(["ad", "post", "story", "link", "shop", "plugin", "unknown"]),
    source_raw: text.describe("The source as Meta sent it."),
    type: text,
    ref: text,
    ad_id: text,
    source_id: text,
    source_url: text,
    ctwa_clid: text,
    headline: text,
    body: text,
    media_type: text,
    media_url: text,
    product_id: text,
    raw: z.unknown().optional(),
  })
  .meta({ id: "Referral" })
export type Referral = z.infer<typeof Referral>

export const Optin = z
  .strictObject({
    kind: z.string(),
    state: z.enum(["granted", "revoked", "token"]),
    token: text,
    category: text,
    ref: text,
    expires_at: z.int().optional().describe("Unix seconds."),
  })
  .meta({ id: "Optin" })
export type Optin = z.infer<typeof Optin>

const Control = z
  .strictObject({ from_owner: text, to_owner: text, reason: text, metadata: text })
  .meta({ id: "Control" })

export const Comment = z
  .strictObject({
    id: z.string().describe("The id of the comment. For a mention in a post or caption, the id of the post or media."),
    kind: z.enum(["comment", "live_comment", "mention"]),
    verb: z.string().describe("added, edited, removed, hidden, unhidden, or another name of Meta's."),
    text: z.string(),
    parent_id: text.describe("The comment that this one replies to. Absent on a top-level comment."),
    post_id: text,
    media_id: text,
    media_type: text,
    original_media_id: text.describe("On an ad, the media that `media_id` is a copy of."),
    ad_id: text,
    ad_title: text,
    permalink: text,
  })
  .meta({ id: "Comment" })
export type Comment = z.infer<typeof Comment>

const Lead = z
  .strictObject({
    id: z
      .string()
      .describe("The id of the lead. Fetch the answers from Meta with it. The webhook does not contain the answers."),
    form_id: text,
    ad_id: text,
    adgroup_id: text,
  })
  .meta({ id: "Lead" })

const Call = z
  .strictObject({
    id: z.string(),
    event: z.string().describe("Such as connect, terminate, status, call_recording_available."),
    status: text.describe("Meta's name in lower case, such as ringing, accepted, rejected, completed, failed."),
    started_at: z.int().optional().describe("Unix seconds."),
    ended_at: z.int().optional().describe("Unix seconds."),
    duration: z.number().optional().describe("Seconds."),
    payload: text.describe("The payload of the button or link that started the call."),
    callback_data: text,
    session: z.unknown().optional(),
    media: z.unknown().optional().describe("The recording or transcript, as Meta sent it."),
    errors: z.array(MetaError).optional(),
  })
  .meta({ id: "Call" })

const Feedback = z
  .strictObject({
    kind: z.enum(["response", "survey"]),
    feedback: text,
    message_id: text,
    screens: z.array(z.unknown()).optional(),
  })
  .meta({ id: "Feedback" })

const AccountUpdate = z
  .strictObject({
    field: z.string().describe("The field of Meta's webhook."),
    kind: text.describe("Meta's name of what happened; on WhatsApp in lower case."),
    value: z.unknown().describe("The change as Meta sent it."),
  })
  .meta({ id: "AccountUpdate" })

export const Template = z
  .strictObject({
    kind: z.enum(["status", "quality", "category", "components", "other"]),
    id: text,
    name: text,
    language: text,
    status: text.describe("In lower case, such as approved, rejected, paused."),
    reason: text,
    previous: text.describe("The previous quality score or category."),
    current: text.describe("The new quality score or category."),
  })
  .meta({ id: "Template" })
export type Template = z.infer<typeof Template>

/** Marks a past item, shared when a business connected its phone app. It can be months old. Do not answer it. */
const History = z
  .strictObject({
    phase: z.int().optional(),
    chunk: z.int().optional(),
    progress: z.int().optional().describe("Percent."),
    status: text.describe("The state of the message in lower case, such as delivered, read."),
  })
  .meta({ id: "History" })
export type History = z.infer<typeof History>

/** The additional keys of payload `full` that a normalizer sets, in the order of the contract. */
export const Details = z.strictObject({
  direction: z
    .enum(["inbound", "outbound"])
    .optional()
    .describe("Who acted: the contact (inbound) or your side (outbound). A receipt is outbound."),
  identity: Identity.optional(),
  profile: Profile.optional(),
  account: Account.optional(),
  standby: flag.describe("Another app or Meta's agent controls the conversation. Do not answer."),
  history: History.optional(),
  origin: Origin.optional(),
  status: Status.optional(),
  reaction: Reaction.optional(),
  action: Action.optional(),
  referral: Referral.optional(),
  optin: Optin.optional(),
  control: Control.optional(),
  previous_identity: Identity.optional(),
  comment: Comment.optional(),
  lead: Lead.optional(),
  call: Call.optional(),
  feedback: Feedback.optional(),
  account_update: AccountUpdate.optional(),
  template: Template.optional(),
  group: Group.optional(),
})
export type Details = z.infer<typeof Details>
