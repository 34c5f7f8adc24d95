import { fingerprint, nativeKey } from "../place.ts"
import { isObject, type JsonObject, toMs } from "../read.ts"
import type { At, Made } from "./made.ts"
import { fromMessage } from "./message.ts"
import { fromOptin, fromOptout } from "./optin.ts"
import * as payload from "./payload.ts"
import { toReferral } from "./referral.ts"

/** The kinds of items: the key besides sender, recipient and timestamp, and its normalizer. */
const kinds = {
  message: kind(payload.Message, fromMessage),
  postback: kind(payload.Postback, ({ mid, title, payload = "", referral }, at) => ({
    event: "postback.received",
    native: tapKey(mid, title, payload, at),
    details: {
      action: { kind: "postback", payload, title, message_id: mid },
      referral: referral && toReferral(referral),
    },
  })),
  delivery: kind(payload.Delivery, ({ mids = [], watermark }, at) => ({
    event: "status.update",
    native: nativeKey("delivery", at.parties.contact, watermark, ...mids),
    details: { status: { state: "delivered", message_ids: mids, watermark_ms: watermark } },
    direction: "outbound",
  })),
  read: kind(payload.Read, ({ mid, watermark }, at) => ({
    event: "status.update",
    native: nativeKey("read", at.parties.contact, watermark, mid),
    details: { status: { state: "read", message_ids: mid === undefined ? [] : [mid], watermark_ms: watermark } },
    direction: "outbound",
  })),
  reaction: kind(payload.Reaction, ({ mid, action, reaction = null, emoji = null }, at) => ({
    event: "message.reaction",
    native: nativeKey(mid, at.parties.contact, action, emoji, at.timestampMs),
    details: {
      reaction: { action: action === "unreact" ? "removed" : "added", emoji, name: reaction, message_id: mid ?? "" },
    },
  })),
  message_edit: kind(payload.Edit, ({ mid, text, num_edit }, at) => {
    // Instagram sends edit 0 with a new message: nothing was edited, and there is no text.
    if (num_edit === 0) return { event: "event.unmapped", native: nativeKey(mid, num_edit) }
    return {
      event: "message.edited",
      native: mid === undefined ? fingerprint(at.item) : nativeKey(mid, num_edit),
      message: { type: "text", body: text ?? "", id: mid ?? "", edit: { number: num_edit } },
    }
  }),
  referral: kind(payload.Referral, (given, at) => ({
    event: "referral.received",
    native: nativeKey(at.parties.contact, at.timestampMs, given.ref),
    details: { referral: toReferral(given) },
  })),
  optin: kind(payload.Optin, fromOptin),
  optout: kind(payload.Optin, fromOptout),
  pass_thread_control: kind(payload.ThreadControl, control("pass")),
  take_thread_control: kind(payload.ThreadControl, control("take")),
  request_thread_control: kind(payload.ThreadControl, control("request")),
  response_feedback: kind(payload.ResponseFeedback, ({ feedback, mid }, at) => ({
    event: "feedback.received",
    native: nativeKey(mid, at.parties.contact, at.timestampMs),
    details: { feedback: { kind: "response", feedback, message_id: mid } },
  })),
  messaging_feedback: kind(payload.Survey, ({ feedback_screens }, at) => ({
    event: "feedback.received",
    native: nativeKey(at.parties.contact, at.timestampMs),
    details: { feedback: { kind: "survey", screens: feedback_screens } },
  })),
  policy_enforcement: accountUpdate("policy_enforcement"),
  "policy-enforcement": accountUpdate("policy_enforcement"),
  app_roles: accountUpdate("app_roles"),
} satisfies Readonly<Record<string, (given: JsonObject, at: At) => Made>>

/**
 * One tap can arrive on `messages` and on `standby`, there without its mid and payload. It is identified by contact,
 * button and millisecond, or by the mid if Meta's time is less exact.
 */
function tapKey(mid: string | undefined, title: string | undefined, payload: string, at: At): string {
  const { contact } = at.parties
  const ms = toMs(at.item.timestamp)
  const exact = contact !== "" && ms !== undefined && ms % 1000 !== 0
  return exact ? nativeKey("tap", contact, ms, title) : (mid ?? nativeKey(contact, at.timestampMs, title ?? payload))
}

type Kind = keyof typeof kinds
const KINDS = Object.keys(kinds) as Kind[]

/** business_integrity has no key of its own: the item itself describes the violation. */
const INTEGRITY = ["violations", "restrictions"]

/** Normalizes one item; an unknown kind gives `event.unmapped`. */
export function makeItem(at: At): Made {
  for (const name of KINDS) {
    const given = at.item[name]
    if (isObject(given)) return kinds[name](given, at)
  }
  if (INTEGRITY.some((key) => Array.isArray(at.item[key]))) return accountUpdate("business_integrity")(at.item, at)
  return { event: "event.unmapped", native: fingerprint(at.item, at.timestampMs) }
}

function kind<T>(shape: { parse(given: JsonObject): T }, make: (given: T, at: At) => Made) {
  return (given: JsonObject, at: At) => make(shape.parse(given), at)
}

function control(reason: "pass" | "take" | "request") {
  return (given: payload.ThreadControl, at: At): Made => ({
    event: "conversation.control_changed",
    native: nativeKey(reason, at.parties.contact, at.timestampMs),
    details: {
      control: {
        from_owner: given.previous_owner_app_id,
        to_owner: given.new_owner_app_id ?? given.requested_owner_app_id,
        reason,
        metadata: given.metadata,
      },
    },
    direction: null,
  })
}

/** About the page, not about a person. */
function accountUpdate(field: string) {
  return (value: JsonObject, at: At): Made => {
    const kind = [value.action, value.status].find((each) => typeof each === "string")
    return {
      event: "account.updated",
      native: fingerprint(field, value, at.timestampMs),
      details: { account_update: { field, kind, value } },
      direction: null,
    }
  }
}
