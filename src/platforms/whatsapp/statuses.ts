import { fingerprint, nativeKey } from "../place.ts"
import { isObject, type JsonObject } from "../read.ts"
import { toErrors } from "./content.ts"
import type { Made } from "./made.ts"
import * as payload from "./payload.ts"
import { groupOf, personOf } from "./person.ts"
import { fingerprintAt, type WhatsAppPlace } from "./place.ts"

/**
 * One of `statuses[]`. All statuses of a message share its id, several members of a group reach the same state, and
 * an order can be paid in several attempts and refunded: so state, person and payment are part of the key.
 */
export function fromStatus(item: JsonObject, place: WhatsAppPlace): Made {
  const given = payload.Status.parse(item)
  const { id, status = "unknown", recipient_id, errors, timestamp } = given
  const payment = isObject(given.payment) ? given.payment : undefined
  const participant =
    given.recipient_participant_id ?? given.participant_recipient_id ?? given.recipient_participant_user_id
  const person =
    given.recipient_type === "group" && recipient_id !== undefined
      ? groupOf(recipient_id)
      : personOf(place, {
          phone: recipient_id,
          bsuid: given.recipient_user_id,
          parentBsuid: given.recipient_parent_user_id ?? given.parent_recipient_user_id ?? given.parent_user_id,
        })
  const base = {
    native:
      id === undefined
        ? fingerprintAt(place, timestamp, item)
        : nativeKey(id, status, participant, ...paymentKey(payment)),
    timestampMs: timestamp,
    person,
    direction: "outbound",
  } as const
  const callback_data = given.biz_opaque_callback_data
  if (given.type === "call" || place.field === "calls") {
    const call = {
      id: id ?? "",
      event: "status",
      status: status.toLowerCase(),
      callback_data,
      errors: toErrors(errors),
    }
    return { ...base, event: "call.updated", details: { call } }
  }
  const state = {
    state: status,
    message_ids: id === undefined ? [] : [id],
    recipient: recipient_id ?? given.recipient_user_id,
    participant,
    callback_data,
    errors: toErrors(errors),
    pricing: given.pricing,
    conversation: given.conversation,
    payment,
  }
  return { ...base, event: "status.update", details: { status: state } }
}

function paymentKey(payment: JsonObject | undefined): string[] {
  return payment === undefined ? [] : [fingerprint(payment)]
}
