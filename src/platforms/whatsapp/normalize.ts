import type { Normalized } from "../../core/event/draft.ts"
import type { Entry } from "../entry.ts"
import { isObject, type JsonObject, toId } from "../read.ts"
import { each, eachKey, unlisted } from "../walk.ts"
import { fromChangeValue, unmapped, unmappedOf } from "./changes.ts"
import { asPast, fromPast, normalizeHistory } from "./history.ts"
import { arrays } from "./items.ts"
import { type Made, whatsAppDraft } from "./made.ts"
import { type WhatsAppPlace, whatsAppPlace } from "./place.ts"

type ArrayName = keyof typeof arrays
const NAMES = Object.keys(arrays) as ArrayName[]

/** Keys that are context, not items. */
const CONTEXT = new Set(["messaging_product", "metadata"])
const LISTS = new Set<string>([...NAMES, "contacts", "history", "standby"])

const IN_ENTRY = new Set(["id", "time", "changes"])
/** Keys beside items that name their place, or are known and not passed on. */
const BESIDE = ["contacts", "recipient", "phone_number_settings", "waba_info", "conversation_context"]
const IN_VALUE = new Set([...CONTEXT, ...NAMES, "history", ...BESIDE])
const IN_VALUE_WITH_STANDBY = new Set([...IN_VALUE, "standby"])

/**
 * Maps one entry of `object: "whatsapp_business_account"`.
 *
 * - shape: see payload.ts; a change has arrays of items or is one item, on standby one level deeper
 * - units: seconds, as strings and as numbers
 * - source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference
 */
export function normalizeWhatsApp(out: Normalized, entry: Entry): void {
  const { value, path } = entry
  const flat = value.changes === undefined
  each(out, flat ? value : value.changes, flat ? path : `${path}.changes`, (_, change, at) =>
    fromChange(out, entry, change, at),
  )
  const more = flat ? [] : unlisted(value, IN_ENTRY)
  if (more.length > 0) fromKeys(out, whatsAppPlace(entry, "entry", {}), value, more, path)
}

function fromChange(out: Normalized, entry: Entry, change: JsonObject, path: string) {
  const field = toId(change.field ?? entry.value.field) ?? "unknown"
  if (!isObject(change.value)) {
    const place = whatsAppPlace(entry, field, {})
    const none = change.value === undefined || change.value === null
    return draftOf(place, change, none ? unmapped(change, place) : fromChangeValue(change, place))
  }
  const { value } = change
  const place = whatsAppPlace(entry, field, value)
  const before = size(out)
  const standby = isObject(value.standby) ? value.standby : undefined
  const onStandby = standby === undefined ? place : { ...place, standby: true }
  const found = fromArrays(out, place, value, `${path}.value`)
  const foundOnStandby = standby !== undefined && fromArrays(out, onStandby, standby, `${path}.value.standby`)
  if (found || foundOnStandby) {
    const listed = standby === undefined ? IN_VALUE : IN_VALUE_WITH_STANDBY
    fromKeys(out, place, value, unlisted(value, listed), `${path}.value`)
    if (standby !== undefined) fromKeys(out, onStandby, standby, unlisted(standby, IN_VALUE), `${path}.value.standby`)
    // Lists inside may be empty too; full lists have given their events already.
    if (size(out) > before) return undefined
  }
  // As in Meta's documents: nothing happened.
  if (standby !== undefined && isEmpty(Object.keys(standby)) && hasNothing(value)) return undefined
  const made = found || foundOnStandby || hasNothing(value) ? unmappedOf(value, place) : fromChangeValue(value, place)
  return draftOf(place, value, made)
}

const size = ({ drafts, faults }: Normalized) => drafts.length + faults.length

/** Only context and empty lists: then the change is unmapped, whatever its field. */
function hasNothing(value: JsonObject): boolean {
  return Object.entries(value).every(([key, each]) => {
    if (key === "standby" && isObject(each)) return Object.keys(each).length === 0
    return CONTEXT.has(key) || (LISTS.has(key) && isEmpty(each))
  })
}

function hasOneCall({ calls }: JsonObject): boolean {
  return Array.isArray(calls) && calls.length === 1 && isObject(calls[0])
}

function isEmpty(list: unknown): boolean {
  return list === undefined || list === null || (Array.isArray(list) && list.length === 0)
}

function draftOf(place: WhatsAppPlace, item: JsonObject, made: Made) {
  return whatsAppDraft(place, item, place.field === "history" ? asPast(made) : made)
}

function fromArrays(out: Normalized, given: WhatsAppPlace, holder: JsonObject, path: string): boolean {
  const errorsAreOfCall = hasOneCall(holder) && Array.isArray(holder.errors)
  const place = errorsAreOfCall ? { ...given, callErrors: holder.errors } : given
  let found = false
  for (const name of NAMES) {
    if (isEmpty(holder[name])) continue
    if (name === "errors" && (errorsAreOfCall || (place.metadata === undefined && !found))) continue
    found = true
    const make = name === "messages" && place.field === "history" ? fromPast : arrays[name]
    each(out, holder[name], `${path}.${name}`, (_, item) => draftOf(place, item, make(item, place)))
  }
  if (isEmpty(holder.history)) return found
  each(out, holder.history, `${path}.history`, (_, chunk, at) => normalizeHistory(out, place, chunk, at))
  return true
}

/** Unknown content, unmapped under its key, since nothing else names it. */
function fromKeys(out: Normalized, place: WhatsAppPlace, holder: JsonObject, keys: readonly string[], path: string) {
  eachKey(out, holder, keys, path, (_, item) => draftOf(place, item, unmapped(item, place)))
}
