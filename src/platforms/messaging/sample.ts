import type { Place } from "../place.ts"
import { isObject, type JsonObject, type Parsed } from "../read.ts"
import type { Item } from "./payload.ts"

/** What Meta's App Dashboard puts into every sample of an item. */
const SIDES = new Set(["12334", "23245"])
const MIDS = new Set(["random_mid", "test_message_id"])
const TEXTS = new Set(["random_text", "test_message"])

/**
 * Whether an item is one of the App Dashboard's. Instagram sends real ones in an entry "0", too: those between two sides
 * that are no sample's. A Page's samples may name real pages, so of those the entry decides.
 */
export function isSample(place: Place, item: JsonObject, { sender, recipient }: Parsed<typeof Item>): boolean {
  if (!place.test || place.platform !== "instagram" || !place.enveloped) return place.test
  if (sender?.id === undefined || recipient?.id === undefined) return true
  const { message } = item
  const said = isObject(message) && (MIDS.has(String(message.mid)) || TEXTS.has(String(message.text)))
  return said || SIDES.has(sender.id) || SIDES.has(recipient.id)
}
