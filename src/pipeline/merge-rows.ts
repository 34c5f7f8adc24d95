import type { CommitRows } from "../core/records.ts"

/** One write for many webhooks; an event that comes twice within them is kept once, with its first deliveries. */
export function mergeRows(parts: CommitRows[]): CommitRows {
  const merged: CommitRows = { events: [], deliveries: [], faults: [], unrouted: [] }
  const ids = new Set<string>()
  for (const part of parts) {
    for (const event of part.events) {
      merged.events.push(event)
      ids.add(event.id)
    }
    for (const delivery of part.deliveries) merged.deliveries.push(delivery)
    for (const fault of part.faults) merged.faults.push(fault)
    for (const page of part.unrouted) merged.unrouted.push(page)
  }
  return ids.size === merged.events.length ? merged : withoutRepeats(merged)
}

/** Rare: Meta sent something twice at the same time, or it concerns several customers. */
function withoutRepeats(rows: CommitRows): CommitRows {
  const once = <T>(items: T[], keyOf: (item: T) => string) => {
    const seen = new Set<string>()
    return items.filter((item) => {
      const key = keyOf(item)
      return !seen.has(key) && seen.add(key)
    })
  }
  return {
    ...rows,
    events: once(rows.events, ({ customerId, id }) => `${customerId} ${id}`),
    deliveries: once(rows.deliveries, ({ eventId, endpointId }) => `${eventId} ${endpointId}`),
  }
}
