import { isObject, type JsonObject } from "../read.ts"
import * as payload from "./payload.ts"

/** As a number may be written to whoever sends; webhooks have its digits. */
const NUMBER = /^[\d\s()+.-]+$/

/**
 * On standby an echo is the request by which the message was sent, with the id and time around it. A request has a number
 * written in any way, a group in its place or a user id in another; of a text it need not name the type.
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
