import { parseKeys } from "../json/json-keys.ts"
import type { Event } from "./event.ts"

/**
 * Removes the message content from a stored event. The event itself stays, so that redeliveries by Meta are still
 * deduplicated; deliveries that are not sent yet say only that there was a message.
 *
 * @param body payload `full` as JSON text
 * @returns null if the event has no message
 */
export function eraseMessage(body: string): { body: string; compactLength: number } | null {
  const event = parseKeys(body) as Event
  if (!("message" in event) || event.message === undefined) return null
  const { id, deleted = { by: "unknown" } } = event.message
  const erased = { ...event, message: { type: "text", body: "", id, deleted } }
  const compact: [string, unknown][] = []
  for (const entry of Object.entries(erased)) {
    compact.push(entry)
    if (entry[0] === "signature_verified") break
  }
  const compactLength = JSON.stringify(Object.fromEntries(compact)).length - 1
  return { body: JSON.stringify(erased), compactLength }
}
