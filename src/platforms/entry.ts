import type { Draft, Normalized } from "../core/event/draft.ts"
import type { Platform } from "../core/event/event.ts"
import { fromMessagingItem } from "./messaging/normalize.ts"
import { type IsConnected, type Place, rawItem } from "./place.ts"
import { isObject, type JsonObject, toId, toMs } from "./read.ts"
import { each, eachKey, unlisted } from "./walk.ts"

/** One element of `entry[]`, with the facts of its envelope. */
export interface Entry {
  object: string
  value: JsonObject
  path: string
  /** The body is a sample of the App Dashboard, which has no envelope. */
  sample: boolean
  isConnected: IsConnected
}

export function placeOf(platform: Platform, entry: Entry, field: string): Place {
  const { time } = entry.value
  return {
    platform,
    object: entry.object,
    entryId: toId(entry.value.id) ?? "",
    entryTime: typeof time === "number" && Number.isFinite(time) ? time : undefined,
    entryTimeMs: toMs(time),
    field,
    standby: false,
    test: entry.sample,
    enveloped: !entry.sample,
    isConnected: entry.isConnected,
  }
}

/** Where Pages and Instagram accounts differ. */
interface Products {
  change(place: Place, pageId: string, value: unknown): Draft
  call(place: Place, pageId: string, item: JsonObject): Draft
}

/**
 * An entry of a Page or an Instagram account: messages under `messaging` and `standby` (or both), calls under
 * `calls`, the rest under `changes`; unknown keys become `event.unmapped`. Instagram Login's documents show a change
 * without its array.
 */
export function normalizeAccountEntry(out: Normalized, platform: Platform, entry: Entry, products: Products): void {
  const { value, path } = entry
  const base = placeOf(platform, entry, "entry")
  // Page "0" is the Dashboard's test button; on Instagram some items are real, which the item itself shows.
  const place = { ...base, test: base.test || base.entryId === "0" }
  const messaging = { ...place, field: "messaging" }
  each(out, value.messaging, `${path}.messaging`, (_, item) => fromMessagingItem(messaging, item))
  const standby = { ...place, field: "standby", standby: true }
  each(out, value.standby, `${path}.standby`, (_, item) => fromMessagingItem(standby, item))
  const calls = { ...place, field: "calls" }
  each(out, value.calls, `${path}.calls`, (_, item) =>
    place.entryId === "" ? NO_PAGE : products.call(calls, place.entryId, item),
  )
  each(out, value.changes, `${path}.changes`, (_, change) => fromChange(place, change, products))
  if (!KNOWN.some((key) => value[key] !== undefined)) {
    each(out, value, path, () => fromChange(place, value, products))
    return
  }
  eachKey(out, value, unlisted(value, LISTED), path, (_, item) =>
    place.entryId === "" ? NO_PAGE : products.change(place, place.entryId, item),
  )
}

const KNOWN = ["messaging", "standby", "calls", "changes"]
/** Keys that are context, not items: which apps had the conversation, and notes of Meta's agent. */
const CONTEXT = ["hop_context", "conversation_context"]
const LISTED = new Set(["id", "time", ...KNOWN, ...CONTEXT])
const NO_PAGE = { reason: "names no page" }

function fromChange(place: Place, change: JsonObject, products: Products): Draft | { reason: string } {
  const { field, value } = change
  const at = { ...place, field: toId(field) ?? place.field }
  // Test bodies send messages as changes: the same items in another array.
  if (isObject(value) && (isObject(value.sender) || isObject(value.recipient))) return fromMessagingItem(at, value)
  const named = isObject(value) ? toId(value.page_id) : undefined
  const pageId = place.entryId === "" || place.entryId === "0" ? (named ?? place.entryId) : place.entryId
  if (pageId === "") return NO_PAGE
  const draft = products.change(at, pageId, at.field === "entry" ? change : value)
  return value === undefined || value === null ? { ...draft, raw: rawItem(at, change) } : draft
}
