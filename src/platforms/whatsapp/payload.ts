import { anything, flag, id, integer, list, ms, number, object, type Parsed, seconds, text } from "../read.ts"

/**
 * `changes[].value` of WhatsApp, and the items it holds.
 *
 * source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference
 */
export const Value = object({
  metadata: object({ phone_number_id: id, display_phone_number: id }),
  /** messaging_handovers has no metadata. */
  recipient: object({ phone_number_id: id, display_phone_number: id }),
  /** account_settings_update has none either. */
  phone_number_settings: object({ phone_number_id: id }),
  waba_info: object({ waba_id: id }),
  display_phone_number: id,
  timestamp: ms,
})

export const Contact = object({
  wa_id: id,
  user_id: id,
  parent_user_id: id,
  profile: object({ name: text, username: text }),
  /** Present in the context of a thread. */
  username: text,
})
export type Contact = Parsed<typeof Contact>

const error = object({
  code: integer,
  error_subcode: integer,
  title: text,
  message: text,
  /** Until 2022 it stood beside the title. */
  details: text,
  error_data: object({ details: text }),
})
export type MetaError = Parsed<typeof error>
export const errors = list(error)

const product = object({ catalog_id: id, product_retailer_id: id })

export const Referral = object({
  ref: text,
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
export type Referral = Parsed<typeof Referral>

export const Message = object({
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
    from_user_id: id,
    forwarded: flag,
    frequently_forwarded: flag,
    referred_product: product,
  }),
  referral: Referral,
  errors,
  message_creation_type: text,
  history_context: object({ status: text }),
})
export type Message = Parsed<typeof Message>

/** The receiver of a message, as in the request that sent it. */
export const Request = object({ to: id, recipient: id, recipient_type: text })

export const Text = object({ body: text })
export const Media = object({
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
export type Media = Parsed<typeof Media>
export const Location = object({ latitude: number, longitude: number, name: text, address: text, url: text })
export const SharedContact = object({ origin: text, phones: list(object({ wa_id: id })) })
export const Button = object({ text, payload: text })
export const Interactive = object({ type: text, body: object({ text }) })
export const Reply = object({ id: text, title: text, description: text, response: text })
export const FlowReply = object({ name: text, body: text, response_json: anything })
export const Order = object({ catalog_id: id, text, product_items: anything })
export const OrderItem = object({ product_retailer_id: id, quantity: number, item_price: number, currency: text })
export const Reaction = object({ message_id: id, emoji: text })
export const Edit = object({ original_message_id: id, message: anything })
export const Revoke = object({ original_message_id: id })
export const Unsupported = object({ type: text })
/** Content that an unknown type may have: a text, media, a link. */
export const Unknown = object({ body: text, text, caption: text, title: text, name: text, link: text, url: text })

export const System = object({
  type: text,
  wa_id: id,
  new_wa_id: id,
  /** The number before the change. */
  customer: id,
  user_id: id,
  parent_user_id: id,
  previous_user_id: id,
  previous_parent_user_id: id,
})

const change = object({ previous: id, current: id })
export const UserIdUpdate = object({ wa_id: id, user_id: change, parent_user_id: change, timestamp: ms })

export const Status = object({
  id,
  status: text,
  type: text,
  timestamp: ms,
  recipient_id: id,
  recipient_user_id: id,
  recipient_parent_user_id: id,
  parent_recipient_user_id: id,
  parent_user_id: id,
  recipient_type: text,
  recipient_participant_id: id,
  participant_recipient_id: id,
  recipient_participant_user_id: id,
  biz_opaque_callback_data: text,
  conversation: anything,
  pricing: anything,
  payment: anything,
  errors,
})
export type Status = Parsed<typeof Status>

/** Meta's documents show the status of a call as a list of one. */
const callStatus = (value: unknown) => text(Array.isArray(value) ? value[0] : value)

export const Call = object({
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
  status: callStatus,
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
export type Call = Parsed<typeof Call>

export const Handover = object({
  type: text,
  timestamp: ms,
  sender: object({ phone_number: id, wa_id: id, user_id: id, parent_user_id: id }),
  control_passed: anything,
  control_taken: anything,
})
export const Owners = object({
  previous_owner_app_id: id,
  previous_owner_role: text,
  previous_owner_app_role: text,
  new_owner_app_id: id,
  new_owner_role: text,
  new_owner_app_role: text,
  metadata: text,
})

export const Preference = object({
  wa_id: id,
  user_id: id,
  parent_user_id: id,
  category: text,
  value: text,
  timestamp: ms,
})

/** Common keys of the remaining arrays: person, time, and possible identifiers. */
export const Other = object({
  id,
  wa_id: id,
  user_id: id,
  parent_user_id: id,
  event_name: text,
  timestamp: ms,
  contact: object({ phone_number: id, user_id: id, username: text, full_name: text }),
  metadata: object({ timestamp: ms }),
})

export const Thread = object({
  id,
  context: object({ wa_id: id, user_id: id, parent_user_id: id }),
  messages: anything,
})
export const HistoryChunk = object({
  metadata: object({ phase: integer, chunk_order: integer, progress: integer }),
  threads: anything,
})
