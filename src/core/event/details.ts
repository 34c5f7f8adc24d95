import * as z from "zod"
import { Action, MetaError } from "./message.ts"
import { Account, Identity, Profile } from "./person.ts"

const text = z.string().optional()
const flag = z.boolean().optional()

/** What the item was found in. Opt-in per endpoint, forced on `event.unmapped`. */
export const RawItem = z
  .strictObject({
    object: z.string(),
    entry_id: z.string(),
    entry_time: z.number().optional(),
    field: z.string(),
    item: z.unknown(),
    contacts: z.array(z.unknown()).optional(),
    metadata: z.unknown().optional(),
  })
  .meta({ id: "RawItem" })
export type RawItem = z.infer<typeof RawItem>

export const Origin = z
  .strictObject({
    kind: z.enum(["api", "business_app", "page_inbox", "automation", "meta_agent", "unknown"]),
    app_id: text,
    own_app: flag,
    metadata: text,
  })
  .meta({ id: "Origin" })
export type Origin = z.infer<typeof Origin>

const Status = z
  .strictObject({
    state: z.string().describe("sent, delivered, read, played, failed; others as Meta names them."),
    message_ids: z.array(z.string()),
    watermark_ms: z.int().optional().describe("Messenger: everything up to here."),
    recipient: text,
    participant: text,
    callback_data: text.describe("WhatsApp: biz_opaque_callback_data, as given when the message was sent."),
    errors: z.array(MetaError).optional(),
    pricing: z.unknown().optional(),
    conversation: z.unknown().optional(),
    payment: z.unknown().optional().describe("WhatsApp: what was paid for an order or refunded, as Meta sent it."),
  })
  .meta({ id: "Status" })

const Reaction = z
  .strictObject({
    action: z.enum(["added", "removed"]),
    emoji: z.string().nullable(),
    name: z.string().nullable().describe("Meta's word (love, other); WhatsApp has only the glyph."),
    message_id: z.string(),
  })
  .meta({ id: "Reaction" })

export const Referral = z
  .strictObject({
    source: z.enum(["ad", "post", "story", "link", "shop", "plugin", "unknown"]),
    source_raw: text,
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
    id: z.string().describe("The comment's id; a mention in a post or caption: the post's or media's id."),
    kind: z.enum(["comment", "live_comment", "mention"]),
    verb: z.string().describe("added, edited, removed, hidden, unhidden; others as Meta names them."),
    text: z.string(),
    parent_id: text.describe("The comment replied to; absent on a top-level comment."),
    post_id: text,
    media_id: text,
    media_type: text,
    original_media_id: text.describe("The media that an ad shows a copy of, which is `media_id`."),
    ad_id: text,
    ad_title: text,
    permalink: text,
  })
  .meta({ id: "Comment" })
export type Comment = z.infer<typeof Comment>

const Lead = z
  .strictObject({
    id: z.string().describe("Fetch the answers from Meta with this id: the webhook carries no personal data."),
    form_id: text,
    ad_id: text,
    adgroup_id: text,
  })
  .meta({ id: "Lead" })

const Call = z
  .strictObject({
    id: z.string(),
    event: z.string().describe("connect, terminate, status, call_recording_available …"),
    status: text.describe("As Meta names it, in lower case: ringing, accepted, rejected, completed, failed …"),
    started_at: z.int().optional().describe("Unix seconds."),
    ended_at: z.int().optional().describe("Unix seconds."),
    duration: z.number().optional().describe("Seconds."),
    payload: text.describe("The developer's payload of the button or link that started the call."),
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
    field: z.string().describe("The Meta field it came by."),
    kind: text.describe("Meta's own name of what happened, in lower case."),
    value: z.unknown().describe("The change as Meta sent it."),
  })
  .meta({ id: "AccountUpdate" })

export const Template = z
  .strictObject({
    kind: z.enum(["status", "quality", "category", "components", "other"]),
    id: text,
    name: text,
    language: text,
    status: text.describe("In lower case: approved, rejected, paused …"),
    reason: text,
    previous: text.describe("The earlier quality score or category."),
    current: text.describe("The new quality score or category."),
  })
  .meta({ id: "Template" })
export type Template = z.infer<typeof Template>

const GroupParticipant = z.strictObject({
  change: z.string().describe("added, removed, failed, join_request_created, join_request_revoked; more may follow."),
  wa_id: text,
  bsuid: text,
  parent_bsuid: text,
  username: text,
  input: text.describe("As the request named them whom this answers."),
  errors: z.array(MetaError).optional(),
})

const GroupSetting = z.strictObject({
  name: z.string().describe("subject, description, profile_picture; others as Meta names them."),
  value: text,
  successful: flag,
  errors: z.array(MetaError).optional(),
})

export const Group = z
  .strictObject({
    kind: z
      .string()
      .describe("Meta's own name of what happened, in lower case: group_create, group_participants_add …"),
    request_id: text.describe("Of the request of yours that this answers."),
    subject: text,
    description: text,
    invite_link: text,
    join_approval_mode: text,
    reason: text,
    initiated_by: text,
    join_request_id: text,
    participants: z.array(GroupParticipant).optional(),
    settings: z.array(GroupSetting).optional(),
    errors: z.array(MetaError).optional(),
  })
  .meta({ id: "Group" })
export type Group = z.infer<typeof Group>

/** The past, that a business shared when it connected its phone app: months old, and not to be answered. */
const History = z
  .strictObject({
    phase: z.int().optional(),
    chunk: z.int().optional(),
    progress: z.int().optional().describe("Percent."),
    status: text.describe("How far the message had come: delivered, read …"),
  })
  .meta({ id: "History" })
export type History = z.infer<typeof History>

/** The additive keys of payload `full` that a normalizer fills, in the order of the contract. */
export const Details = z.strictObject({
  direction: z.enum(["inbound", "outbound"]).optional(),
  identity: Identity.optional(),
  profile: Profile.optional(),
  account: Account.optional(),
  standby: flag.describe("Another app or Meta's agent owns the thread: do not answer."),
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
