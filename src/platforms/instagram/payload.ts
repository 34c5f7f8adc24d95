import { id, ms, object, text } from "../read.ts"

/** `changes[].value` of the fields comments and live_comments; the oldest shape has only id and text. */
export const Comment = object({
  id,
  text,
  parent_id: id,
  from: object({ id, username: text, self_ig_scoped_id: id }),
  media: object({ id, media_product_type: text, ad_id: id }),
  timestamp: ms,
})

/** `changes[].value` of the field mentions: who and what must be fetched. */
export const Mention = object({ media_id: id, comment_id: id })
