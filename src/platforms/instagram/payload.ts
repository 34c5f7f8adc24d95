import { id, object, text } from "../read.ts"

const about = { ad_id: id, ad_title: text, original_media_id: id, media_product_type: text }

/**
 * `changes[].value` of the fields comments, live_comments and mentions; changes.ts reads the author. With Facebook
 * Login a comment has its id as `comment_id`, the oldest shape has only id and text, and a mention only ids: the rest
 * must be fetched.
 *
 * source: https://developers.facebook.com/docs/graph-api/webhooks/reference/instagram
 */
export const Comment = object({
  id,
  comment_id: id,
  text,
  parent_id: id,
  media: object({ id, ...about }),
  media_id: id,
  ...about,
})
export type Comment = NonNullable<ReturnType<typeof Comment>>
