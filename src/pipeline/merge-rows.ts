import type { CommitRows } from "../core/records.ts"

/** One write for many webhooks; an event that comes twice within them is kept once, with its first deliveries. */
export function mergeRows(parts: CommitRows[]): CommitRows {
  const merged: CommitRows = { events: [], deliveries: [], faults: [], unrouted: [] }
  const seen = new Set<string>()
  for (const part of parts) {
    const fresh = new Set<string>()
    for (const event of part.events) {
      const key = event.customerId + event.id
      if (seen.has(key)) continue
      seen.add(key)
      fresh.add(key)
      merged.events.push(event)
    }
    const made = new Set<string>()
    for (const delivery of part.deliveries) {
      const key = delivery.customerId + delivery.eventId
      if (!fresh.has(key) || made.has(key + delivery.endpointId)) continue
      made.add(key + delivery.endpointId)
      merged.deliveries.push(delivery)
    }
    merged.faults.push(...part.faults)
    merged.unrouted.push(...part.unrouted)
  }
  return merged
}
