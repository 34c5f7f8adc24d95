import type { Place } from "../place.ts"
import { isObject, type JsonObject, type Parsed } from "../read.ts"
import type { Item } from "./payload.ts"

/** The values in every sample item of Meta's App Dashboard. */
const SIDES = new Set(["12334", "23245"])
const MIDS = new Set(["random_mid", "test_message_id"])
const TEXTS = new Set(["random_text", "test_message"])

/**
 * Is the item a sample of the App Dashboard? Instagram also sends real items in an entry "0": they name two sides
 * that no sample has. Samples of a Page may name real pages, so there the entry decides.
 */
export function isSample(place: Place, item: JsonObject, { sender, recipient }: Parsed<typeof Item>): boolean {
  if (!place.test || place.platform !== "instagram" || !place.enveloped) return place.test
  if (sender?.id === undefined || recipient?.id === undefined) return true
  const { message } = item
  const said = isObject(message) && (MIDS.has(String(message.mid)) || TEXTS.has(String(message.text)))
  return said || SIDES.has(sender.id) || SIDES.has(recipient.id)
}
