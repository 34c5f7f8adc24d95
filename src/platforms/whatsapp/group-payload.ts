import { flag, id, list, ms, object, type Parsed, text } from "../read.ts"
import { errors } from "./payload.ts"

const participant = object({
  /** As the request named them: a phone or a user id. */
  input: id,
  wa_id: id,
  user_id: id,
  parent_user_id: id,
  username: text,
  errors,
})
export type Participant = Parsed<typeof participant>

/** One of `groups[]`. */
export const Group = object({
  group_id: id,
  timestamp: ms,
  type: text,
  request_id: id,
  subject: text,
  description: text,
  invite_link: text,
  join_approval_mode: text,
  reason: text,
  initiated_by: text,
  /** A join request names who asks beside it. */
  join_request_id: id,
  wa_id: id,
  user_id: id,
  parent_user_id: id,
  username: text,
  added_participants: list(participant),
  removed_participants: list(participant),
  failed_participants: list(participant),
  errors,
})
export type Group = Parsed<typeof Group>
export const GroupSetting = object({ text, value: text, update_successful: flag, errors })
