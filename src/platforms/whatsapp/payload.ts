import * as z from "zod"
import { anything, flag, id, integer, list, ms, number, object, seconds, text } from "../read.ts"

/**
 * `changes[].value` of WhatsApp, and the items it holds.
 *
 * source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference
 */
export const Value = z.object({
  metadata: object({ phone_number_id: id, display_phone_number: id }),
  /** messaging_handovers has no metadata. */
  recipient: object({ phone_number_id: id, display_phone_number: id }),
  /** Nor has account_settings_update. */
  phone_number_settings: object({ phone_number_id: id }),
  waba_info: object({ waba_id: id }),
  display_phone_number: id,
  timestamp: ms,
})

export const Contact = z.object({
  wa_id: id,
  user_id: id,
  parent_user_id: id,
  profile: object({ name: text, username: text }),
})
export type Contact = z.infer<typeof Contact>

const error = z.object({
  code: integer,
  error_subcode: integer,
  title: text,
  message: text,
  error_data: object({ details: text }),
})
export type MetaError = z.infer<typeof error>
export const errors = list(error)

const product = object({ catalog_id: id, product_retailer_id: id })

export const Referral = z.object({
  source_url: text,
  source_id: id,
  source_type: text,
  headline: text,
  body: text,
  media_type: text,
  image_url: text,
  video_url: text,
  thumbnail_url: text,
  ctwa_clid: text,
})
export type Referral = z.infer<typeof Referral>

export const Message = z.object({
  id,
  from: id,
  from_user_id: id,
  from_parent_user_id: id,
  /** Echoes name the receiver instead. */
  to: id,
  to_user_id: id,
  to_parent_user_id: id,
  group_id: id,
  timestamp: ms,
  type: text,
  context: object({
    id,
    message_id: id,
    from: id,
    forwarded: flag,
    frequently_forwarded: flag,
    referred_product: product,
  }),
  referral: Referral.optional().catch(undefined),
  errors,
  message_creation_type: text,
  history_context: object({ status: text }),
})
export type Message = z.infer<typeof Message>

export const Text = z.object({ body: text })
export const Media = z.object({
  id,
  url: text,
  link: text,
  mime_type: text,
  sha256: text,
  caption: text,
  filename: text,
  file_size: integer,
  voice: flag,
  animated: flag,
})
export type Media = z.infer<typeof Media>
export const Location = z.object({ latitude: number, longitude: number, name: text, address: text, url: text })
export const SharedContact = z.object({ origin: text, phones: list(z.object({ wa_id: id })) })
export const Button = z.object({ text, payload: text })
export const Interactive = z.object({ type: text, body: object({ text }) })
export const Reply = z.object({ id: text, title: text, description: text, response: text })
export const FlowReply = z.object({ name: text, body: text, response_json: text })
export const Order = z.object({
  catalog_id: id,
  text,
  product_items: list(z.object({ product_retailer_id: id, quantity: number, item_price: number, currency: text })),
})
export const Reaction = z.object({ message_id: id, emoji: text })
export const Target = z.object({ original_message_id: id, message: anything })
export const Unsupported = z.object({ type: text })

export const System = z.object({
  type: text,
  wa_id: id,
  new_wa_id: id,
  user_id: id,
  parent_user_id: id,
  previous_user_id: id,
  previous_parent_user_id: id,
})

const change = object({ previous: id, current: id })
export const UserIdUpdate = z.object({ wa_id: id, user_id: change, parent_user_id: change, timestamp: ms })

export const Status = z.object({
  id,
  status: text,
  type: text,
  timestamp: ms,
  recipient_id: id,
  recipient_user_id: id,
  recipient_parent_user_id: id,
  parent_recipient_user_id: id,
  recipient_type: text,
  recipient_participant_id: id,
  recipient_participant_user_id: id,
  biz_opaque_callback_data: text,
  conversation: anything,
  pricing: anything,
  errors,
})
export type Status = z.infer<typeof Status>

/** Meta's documents write the status of a call as a list of one. */
const callStatus = z.preprocess((value) => (Array.isArray(value) ? value[0] : value), text)

export const Call = z.object({
  id,
  from: id,
  from_user_id: id,
  from_parent_user_id: id,
  to: id,
  to_user_id: id,
  to_parent_user_id: id,
  event: text,
  direction: text,
  timestamp: ms,
  status: callStatus.optional(),
  start_time: seconds,
  end_time: seconds,
  duration: number,
  deeplink_payload: text,
  cta_payload: text,
  biz_opaque_callback_data: text,
  session: anything,
  call_recording: anything,
  call_transcript: anything,
})

export const Handover = z.object({
  type: text,
  timestamp: ms,
  sender: object({ phone_number: id, user_id: id, parent_user_id: id }),
  control_passed: anything,
  control_taken: anything,
})
export const Owners = z.object({
  previous_owner_app_id: id,
  previous_owner_role: text,
  new_owner_app_id: id,
  new_owner_role: text,
  metadata: text,
})

export const Preference = z.object({
  wa_id: id,
  user_id: id,
  parent_user_id: id,
  category: text,
  value: text,
  timestamp: ms,
})

/** What the remaining arrays share: who it is about, when, and what could identify it. */
export const Other = z.object({
  id,
  wa_id: id,
  user_id: id,
  parent_user_id: id,
  group_id: id,
  event_name: text,
  timestamp: ms,
  contact: object({ phone_number: id, user_id: id, username: text, full_name: text }),
  metadata: object({ timestamp: ms }),
})

export const Thread = z.object({
  id,
  context: object({ wa_id: id, user_id: id, parent_user_id: id }),
  messages: anything,
})
export const HistoryChunk = z.object({
  metadata: object({ phase: integer, chunk_order: integer, progress: integer }),
  threads: anything,
})
