import { type CommitRows, type EventRow, noRows } from "../commit-rows.ts"
import { eventId } from "../event/ids.ts"
import { OPERATIONAL, type OperationalEvent } from "../event/operational-event.ts"
import type { Endpoint } from "./endpoint.ts"
import { DISABLED_AFTER_MS, type Notice } from "./endpoint-health.ts"

const DAY_MS = 86_400_000
const PREFIX = "ope"

export interface Announced {
  /** What the event is about. */
  endpoint: Pick<Endpoint, "id" | "customerId" | "description">
  event: OperationalEvent
  /** What makes it this event and no other of its type: with the day, its identity in the store. */
  native: string
  dayOfMs: number
}

interface Given {
  endpointsOf(customerId: string): readonly Endpoint[]
  newId(prefix: "dlv"): string
}

const iso = (ms: number) => new Date(ms).toISOString()

/** A notice of an endpoint's health as the event that its customer gets. */
export function announceNotice(endpoint: Announced["endpoint"], notice: Notice, nowMs: number): Announced {
  const about = { endpoint_id: endpoint.id, description: endpoint.description }
  const timestamp = iso(nowMs)
  if (notice.type === "delivery.exhausted") {
    const { type, count, sinceMs } = notice
    const data = { ...about, deliveries: count, since: iso(sinceMs) }
    return { endpoint, native: `${nowMs}`, dayOfMs: nowMs, event: { type, timestamp, data } }
  }
  const { sinceMs, failures } = notice.failing
  const known = { ...about, failing_since: iso(sinceMs), failures }
  const native = `${sinceMs}`
  switch (notice.type) {
    case "endpoint.failing": {
      const { type, warning } = notice
      const data = { ...known, warning, disabled_after: iso(sinceMs + DISABLED_AFTER_MS) }
      return { endpoint, native: `${native}:${warning}`, dayOfMs: nowMs, event: { type, timestamp, data } }
    }
    case "endpoint.recovered":
      return { endpoint, native, dayOfMs: nowMs, event: { type: notice.type, timestamp, data: known } }
    case "endpoint.disabled":
      return {
        endpoint,
        native,
        dayOfMs: nowMs,
        event: { type: notice.type, timestamp, data: { ...known, reason: GIVEN_UP } },
      }
  }
}

/** Why an endpoint that nobody switched off is disabled, as the API says it. */
export const GIVEN_UP = "it failed for five days"
export const GONE = "the endpoint answered 410"

/** The endpoint answered 410. */
export function announceGone(endpoint: Announced["endpoint"], nowMs: number): Announced {
  const data = { endpoint_id: endpoint.id, description: endpoint.description, reason: GONE }
  const event = {
    type: "endpoint.disabled" as const,
    timestamp: iso(nowMs),
    data: { ...data, failing_since: null, failures: 1 },
  }
  return { endpoint, native: `${nowMs}`, dayOfMs: nowMs, event }
}

/** An old secret is about to end. */
export function announceExpiry(endpoint: Announced["endpoint"], expiresAtMs: number, nowMs: number): Announced {
  const data = { endpoint_id: endpoint.id, description: endpoint.description, expires_at: iso(expiresAtMs) }
  return {
    endpoint,
    native: `${expiresAtMs}`,
    dayOfMs: expiresAtMs,
    event: { type: "endpoint.secret_expiring", timestamp: iso(nowMs), data },
  }
}

/**
 * The rows of operational events, each for the endpoints of its customer that ask for it by name, except the one that it
 * is about: what cannot be reached is not told of itself. Without such an endpoint there is nothing to store.
 */
export function operationalRows(announced: readonly Announced[], { endpointsOf, newId }: Given): CommitRows {
  const rows = noRows()
  for (const { endpoint, event, native, dayOfMs } of announced) {
    const { customerId } = endpoint
    const subscribers = endpointsOf(customerId).filter(({ id, events }) => id !== endpoint.id && events.has(event.type))
    if (subscribers.length === 0) continue
    const key = { platform: OPERATIONAL, pageId: endpoint.id, event: event.type, native }
    const id = eventId(key).replace(/^evt/, PREFIX)
    const body = JSON.stringify(event)
    const row: EventRow = {
      customerId,
      id,
      day: Math.floor(dayOfMs / DAY_MS),
      appId: OPERATIONAL,
      platform: OPERATIONAL,
      event: event.type,
      pageId: "",
      sender: "",
      conversationId: "",
      body,
      // Payload compact is the whole of it.
      compactLength: body.length - 1,
      raw: null,
    }
    rows.events.push(row)
    for (const subscriber of subscribers) {
      rows.deliveries.push({ id: newId("dlv"), event: row, endpointId: subscriber.id, conversationId: null })
    }
  }
  return rows
}

/** Is this the id of an operational event? That such a one could not be delivered is not announced in turn. */
export function isOperational(id: string): boolean {
  return id.startsWith(`${PREFIX}_`)
}
