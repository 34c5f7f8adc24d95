import type { Group } from "../../core/event/group.ts"
import { isObject, type JsonObject } from "../read.ts"
import { toErrors } from "./content.ts"
import * as payload from "./group-payload.ts"
import type { Made } from "./made.ts"
import { groupOf, sortOut } from "./person.ts"
import { fingerprintAt, type WhatsAppPlace } from "./place.ts"

/**
 * One of `groups[]`: a group, its members, its settings or its standing changed, or could not be changed.
 *
 * source: https://developers.facebook.com/documentation/business-messaging/whatsapp/groups/webhooks
 */
export function fromGroup(item: JsonObject, place: WhatsAppPlace): Made {
  const given = payload.Group.parse(item)
  const participants = participantsOf(given)
  const settings = settingsOf(item)
  return {
    event: "group.updated",
    // Several people may come in one second, and no request of yours.
    native: fingerprintAt(place, given.timestamp, given, settings),
    timestampMs: given.timestamp,
    // One that could not be made has no id.
    person: given.group_id === undefined ? undefined : groupOf(given.group_id),
    details: {
      group: {
        kind: given.type?.toLowerCase() ?? "unknown",
        request_id: given.request_id,
        subject: given.subject,
        description: given.description,
        invite_link: given.invite_link,
        join_approval_mode: given.join_approval_mode,
        reason: given.reason,
        initiated_by: given.initiated_by,
        join_request_id: given.join_request_id,
        participants: participants.length > 0 ? participants : undefined,
        settings: settings.length > 0 ? settings : undefined,
        errors: toErrors(given.errors),
      },
    },
  }
}

type Participant = NonNullable<Group["participants"]>[number]

function participantsOf(given: payload.Group): Participant[] {
  const { wa_id, user_id, parent_user_id, username } = given
  const change = given.type?.toLowerCase().replace(/^group_/, "") ?? "unknown"
  const beside = [wa_id, user_id, username].some((each) => each !== undefined)
  return [
    ...(beside ? [toParticipant(change, { wa_id, user_id, parent_user_id, username })] : []),
    ...(given.added_participants ?? []).map((each) => toParticipant("added", each)),
    ...(given.removed_participants ?? []).map((each) => toParticipant("removed", each)),
    ...(given.failed_participants ?? []).map((each) => toParticipant("failed", each)),
  ]
}

function toParticipant(change: string, given: payload.Participant): Participant {
  const { input, wa_id, user_id, parent_user_id, username, errors } = given
  const { phone, bsuid } = sortOut({ phone: wa_id ?? (user_id === undefined ? input : undefined), bsuid: user_id })
  return {
    change,
    wa_id: phone,
    bsuid,
    parent_bsuid: parent_user_id,
    username: username?.replace(/^@/, ""),
    input,
    errors: toErrors(errors),
  }
}

/** Each has an object of its own that says whether it was set: `group_subject`, `profile_picture` … */
function settingsOf(item: JsonObject): NonNullable<Group["settings"]> {
  return Object.entries(item).flatMap(([key, value]) => {
    if (!isObject(value) || value.update_successful === undefined) return []
    const { text, value: given, update_successful: successful, errors } = payload.GroupSetting.parse(value)
    return { name: key.replace(/^group_/, ""), value: text ?? given, successful, errors: toErrors(errors) }
  })
}
