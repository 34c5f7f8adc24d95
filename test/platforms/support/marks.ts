import type { Normalized } from "../../../src/core/event/draft.ts"
import type { Platform } from "../../../src/core/event/event.ts"
import { platformOf } from "../../../src/platforms/index.ts"
import { isObject } from "./arbitraries.ts"

const MARK = "zz_mark"
/** What Meta's documents say items come in; written down again here, so that the code cannot agree with itself. */
const WHATSAPP_LISTS = [
  ...["messages", "message_echoes", "statuses", "calls", "user_preferences", "user_id_update", "groups", "state_sync"],
  ...["automatic_events", "user_actions", "errors"],
]
const ACCOUNT_LISTS = ["messaging", "standby", "calls"]
const ACCOUNT_CONTEXT = ["hop_context", "conversation_context"]
/** What may stand beside them without being an item. */
const WHATSAPP_CONTEXT = [
  ...["messaging_product", "metadata", "contacts", "history", "standby", "conversation_context"],
  ...["recipient", "phone_number_settings", "waba_info"],
]

/** The body with a number of its own in every item, and how many they are. */
export function marked(platform: Platform, body: unknown): { body: unknown; count: number } {
  const copy = copied(body)
  let count = 0
  for (const envelope of envelopesOf(copy)) {
    const whatsapp = (platformOf(envelope) ?? platform) === "whatsapp"
    for (const entry of objectsIn(envelope.entry)) {
      for (const item of whatsapp ? itemsOfWhatsApp(entry) : itemsOfAccount(entry)) item[MARK] = `zz${count++}zz`
    }
  }
  return { body: copy, count }
}

/** Items of a marked body that are in no event and no fault, or in more than one. */
export function lost({ drafts, faults }: Normalized, count: number): string[] {
  const kept = JSON.stringify([drafts.map(({ raw }) => raw), faults.map(({ item }) => item)])
  const found = new Map<string, number>()
  for (const [mark] of kept.matchAll(/zz\d+zz/g)) found.set(mark, (found.get(mark) ?? 0) + 1)
  const marks = Array.from({ length: count }, (_, index) => `zz${index}zz`)
  return marks.filter((mark) => found.get(mark) !== 1).map((mark) => `${mark} ${found.get(mark) ?? 0} times`)
}

function envelopesOf(body: unknown): Record<string, unknown>[] {
  return Array.isArray(body) ? body.filter(isObject) : objectsIn(body)
}

function itemsOfAccount(entry: Record<string, unknown>): Record<string, unknown>[] {
  const items = ACCOUNT_LISTS.flatMap((name) => objectsIn(entry[name]))
  const changes = objectsIn(entry.changes).map(({ value }) => value)
  const flat = [...ACCOUNT_LISTS, "changes"].every((name) => entry[name] === undefined)
  const unknown = flat ? [] : besides(entry, ["id", "time", "changes", ...ACCOUNT_LISTS, ...ACCOUNT_CONTEXT])
  return [...items, ...changes, ...unknown, ...(flat ? [entry.value ?? entry] : [])].filter(isObject)
}

function itemsOfWhatsApp(entry: Record<string, unknown>): Record<string, unknown>[] {
  const changes = entry.changes === undefined ? [entry] : objectsIn(entry.changes)
  const unknown = entry.changes === undefined ? [] : besides(entry, ["id", "time", "changes"])
  const items = changes.flatMap((change) => {
    const { value } = change
    if (!isObject(value)) return [change]
    return [...itemsOfList(value), ...(isObject(value.standby) ? itemsOfList(value.standby) : [])]
  })
  return [...items, ...unknown]
}

/** Objects under keys that no document knows, or directly in lists there. */
function besides(holder: Record<string, unknown>, known: readonly string[]): Record<string, unknown>[] {
  return Object.keys(holder).flatMap((key) => (known.includes(key) ? [] : objectsIn(holder[key])))
}

function itemsOfList(holder: Record<string, unknown>): Record<string, unknown>[] {
  // Errors of a lone call are told with the call.
  const { calls, errors } = holder
  const ofCall = Array.isArray(calls) && calls.length === 1 && isObject(calls[0]) && Array.isArray(errors)
  const lists = WHATSAPP_LISTS.filter((name) => name !== "errors" || !ofCall)
  const unknown = besides(holder, [...WHATSAPP_LISTS, ...WHATSAPP_CONTEXT])
  const past = objectsIn(holder.history).flatMap(({ threads }) => objectsIn(threads))
  return [
    ...lists.flatMap((name) => objectsIn(holder[name])),
    ...past.flatMap(({ messages }) => objectsIn(messages)),
    ...unknown,
  ]
}

function objectsIn(list: unknown): Record<string, unknown>[] {
  return (Array.isArray(list) ? list : [list]).filter(isObject)
}

/** Like structuredClone, but what occurs twice becomes two things. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied)
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copied(each)])) : value
}
