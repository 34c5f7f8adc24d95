import { anything, id, ms, number, object, type Parsed, seconds, text } from "../read.ts"

/**
 * `changes[].value` of the Page fields feed, mention and ratings; changes.ts reads the author.
 *
 * source: https://developers.facebook.com/docs/graph-api/webhooks/reference/page
 */
export const Feed = object({
  item: text,
  verb: text,
  post_id: id,
  comment_id: id,
  parent_id: id,
  open_graph_story_id: id,
  message: text,
  created_time: ms,
  post: object({ permalink_url: text }),
})
export type Feed = Parsed<typeof Feed>

export const Leadgen = object({ leadgen_id: id, form_id: id, ad_id: id, adgroup_id: id, created_time: ms })

/** One item of `entry[].calls[]`, Messenger Calling. */
export const Call = object({
  id,
  from: id,
  to: id,
  event: text,
  timestamp: ms,
  call_direction: text,
  status: text,
  start_time: seconds,
  end_time: seconds,
  duration: number,
  session: anything,
})
