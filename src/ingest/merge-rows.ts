import { type CommitRows, type EventRow, noRows } from "../core/commit-rows.ts"
import { contactKey } from "../core/contact/assign-aliases.ts"
import type { ContactRow } from "../core/contact/contact.ts"

/** Merges the rows of many webhooks into one commit. A repeated event is kept once, with its first deliveries. */
export function mergeRows(parts: CommitRows[]): CommitRows {
  const merged = noRows()
  const ids = new Set<string>()
  for (const part of parts) {
    for (const event of part.events) {
      merged.events.push(event)
      ids.add(event.id)
    }
    for (const delivery of part.deliveries) merged.deliveries.push(delivery)
    for (const contact of part.contacts) merged.contacts.push(contact)
    for (const alias of part.aliases) merged.aliases.push(alias)
    for (const erasure of part.erasures) merged.erasures.push(erasure)
    for (const fault of part.faults) merged.faults.push(fault)
    for (const page of part.unrouted) merged.unrouted.push(page)
  }
  if (merged.contacts.length > 1) merged.contacts = oncePerContact(merged.contacts)
  return ids.size === merged.events.length ? merged : withoutRepeats(merged)
}

/** One row per contact, which webhooks may name by different ids: the first start and the latest names. */
function oncePerContact(rows: readonly ContactRow[]): ContactRow[] {
  const contacts = new Map<string, ContactRow>()
  for (const row of rows) {
    const key = contactKey(row.customerId, row.platform, row.pageId, row.scopedId)
    const before = contacts.get(key)
    contacts.set(key, before === undefined ? row : mergeContact(before, row))
  }
  return [...contacts.values()]
}

function mergeContact(before: ContactRow, now: ContactRow): ContactRow {
  return {
    ...now,
    name: now.name ?? before.name,
    username: now.username ?? before.username,
    pictureUrl: now.pictureUrl ?? before.pictureUrl,
    startedBy: before.startedBy ?? now.startedBy,
  }
}

const keyOf = ({ customerId, id }: EventRow) => `${customerId} ${id}`

/** Rarely needed: Meta sent an item twice at the same time, or it concerns several customers. */
function withoutRepeats(rows: CommitRows): CommitRows {
  const events = new Map<string, EventRow>()
  for (const event of rows.events) events.set(keyOf(event), events.get(keyOf(event)) ?? event)
  const deliveries = new Map<string, CommitRows["deliveries"][number]>()
  for (const delivery of rows.deliveries) {
    const event = events.get(keyOf(delivery.event)) ?? delivery.event
    const key = `${keyOf(event)} ${delivery.endpointId}`
    if (!deliveries.has(key)) deliveries.set(key, { ...delivery, event })
  }
  return { ...rows, events: [...events.values()], deliveries: [...deliveries.values()] }
}
