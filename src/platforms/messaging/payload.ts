import * as z from "zod"
import { anything, flag, id, integer, list, ms, number, object, text } from "../read.ts"

/**
 * One item of `messaging[]` or `standby[]`, as Messenger and Instagram send it. Beside these keys it has one that tells
 * its kind; the schemas of the kinds follow.
 *
 * source: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
 */
const party = object({ id, user_ref: id })
export const Item = z.object({ sender: party, recipient: party, timestamp: ms })

const product = object({ id, retailer_id: id, title: text })

export const Attachment = z.object({
  type: text,
  title: text,
  url: text,
  payload: object({
    url: text,
    title: text,
    sticker_id: id,
    coordinates: object({ lat: number, long: number }),
    product: object({ elements: list(z.object({ id, retailer_id: id, title: text })) }),
    reel_video_id: id,
    ig_post_media_id: id,
    story_media_id: id,
    story_media_url: text,
  }),
})
export type Attachment = z.infer<typeof Attachment>

export const Referral = z.object({
  ref: text,
  source: text,
  type: text,
  ad_id: id,
  referer_uri: text,
  product,
  ads_context_data: object({ ad_title: text, photo_url: text, video_url: text, post_id: id, product_id: id }),
})
export type Referral = z.infer<typeof Referral>

const referral = Referral.optional().catch(undefined)

export const Message = z.object({
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
export type Message = z.infer<typeof Message>

export const Edit = z.object({ mid: id, text, num_edit: integer })
export const Postback = z.object({ mid: id, title: text, payload: text, referral })
export const Reaction = z.object({ mid: id, action: text, reaction: text, emoji: text })
/** Messenger tells a watermark, Instagram a mid. */
export const Read = z.object({ mid: id, watermark: ms })
export const Delivery = z.object({ mids: list(id), watermark: ms })

export const Optin = z.object({
  type: text,
  ref: text,
  user_ref: id,
  payload: text,
  notification_messages_token: id,
  notification_messages_status: text,
  one_time_notif_token: id,
  token_expiry_timestamp: ms,
})
export type Optin = z.infer<typeof Optin>

export const ThreadControl = z.object({
  previous_owner_app_id: id,
  new_owner_app_id: id,
  requested_owner_app_id: id,
  metadata: text,
})
export type ThreadControl = z.infer<typeof ThreadControl>

export const Survey = z.object({ feedback_screens: list(anything) })
export const ResponseFeedback = z.object({ feedback: text, mid: id })
