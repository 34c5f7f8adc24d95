import { anything, flag, id, integer, list, ms, number, object, type Parsed, text } from "../read.ts"

/**
 * One item of `messaging[]` or `standby[]`, as Messenger and Instagram send it. Besides these keys it has one key that
 * names its kind; the schemas of the kinds follow.
 *
 * source: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
 */
const party = object({ id, user_ref: id })
export const Item = object({ sender: party, recipient: party, timestamp: ms })

const product = object({ id, retailer_id: id, title: text })

export const Attachment = object({
  type: text,
  title: text,
  url: text,
  /** The spelling of older bodies. */
  URL: text,
  payload: object({
    url: text,
    URL: text,
    title: text,
    address: text,
    sticker_id: id,
    coordinates: object({ lat: number, long: number }),
    product: object({ elements: list(object({ id, retailer_id: id, title: text })) }),
    reel_video_id: id,
    ig_post_media_id: id,
    story_media_id: id,
    story_media_url: text,
  }),
})
export type Attachment = Parsed<typeof Attachment>

export const Referral = object({
  ref: text,
  source: text,
  type: text,
  ad_id: id,
  referer_uri: text,
  product,
  ads_context_data: object({ ad_title: text, photo_url: text, video_url: text, post_id: id, product_id: id }),
})
export type Referral = Parsed<typeof Referral>

const referral = Referral

export const Message = object({
  mid: id,
  text,
  is_echo: flag,
  is_self: flag,
  is_deleted: flag,
  is_unsupported: flag,
  app_id: id,
  metadata: text,
  quick_reply: object({ payload: text }),
  reply_to: object({ mid: id, is_self_reply: flag, story: object({ id, url: text }) }),
  attachments: list(Attachment),
  referral,
})
export type Message = Parsed<typeof Message>

export const Edit = object({ mid: id, text, num_edit: integer })
export const Postback = object({ mid: id, title: text, payload: text, referral })
export const Reaction = object({ mid: id, action: text, reaction: text, emoji: text })
/** Messenger sends a watermark, Instagram a mid. */
export const Read = object({ mid: id, watermark: ms })
export const Delivery = object({ mids: list(id), watermark: ms })

export const Optin = object({
  type: text,
  ref: text,
  user_ref: id,
  payload: text,
  notification_messages_token: id,
  notification_messages_status: text,
  one_time_notif_token: id,
  token_expiry_timestamp: ms,
})
export type Optin = Parsed<typeof Optin>

export const ThreadControl = object({
  previous_owner_app_id: id,
  new_owner_app_id: id,
  requested_owner_app_id: id,
  metadata: text,
})
export type ThreadControl = Parsed<typeof ThreadControl>

export const Survey = object({ feedback_screens: list(anything) })
export const ResponseFeedback = object({ feedback: text, mid: id })
