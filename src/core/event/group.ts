import * as z from "zod"
import { MetaError } from "./message.ts"

const text = z.string().optional()
const flag = z.boolean().optional()

const GroupParticipant = z.strictObject({
  change: z
    .string()
    .describe("added, removed, failed, join_request_created, join_request_revoked. More values are possible."),
  wa_id: text,
  bsuid: text,
  parent_bsuid: text,
  username: text,
  input: text.describe("The participant as named in your request."),
  errors: z.array(MetaError).optional(),
})

const GroupSetting = z.strictObject({
  name: z.string().describe("subject, description, profile_picture, or another name of Meta's."),
  value: text,
  successful: flag,
  errors: z.array(MetaError).optional(),
})

export const Group = z
  .strictObject({
    kind: z
      .string()
      .describe("Meta's name of what happened in lower case, such as group_create, group_participants_add."),
    request_id: text.describe("The id of your request that caused this event."),
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
