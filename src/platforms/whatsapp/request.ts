import { isObject, type JsonObject } from "../read.ts"
import * as payload from "./payload.ts"

/** Senders may format a number in any way; webhooks have only its digits. */
const NUMBER = /^[\d\s()+.-]+$/

/**
 * On standby an echo is the request that sent the message, wrapped with its id and time. A request may format the
 * number in any way, have a group in its place or a user id in another key, and need not name the type of a text.
 *
 * source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/standby
 */
export function unwrap(item: JsonObject): JsonObject {
  const { message, ...around } = item
  if (!isObject(message) || item.type !== undefined) return item
  return { ...message, ...receiverOf(message), ...around }
}

function receiverOf(message: JsonObject): JsonObject {
  const { to, recipient, recipient_type } = payload.Request.parse(message)
  if (recipient_type === "group") return { to: undefined, group_id: to }
  return { to: to !== undefined && NUMBER.test(to) ? to.replaceAll(/\D/g, "") : to, to_user_id: recipient }
}
