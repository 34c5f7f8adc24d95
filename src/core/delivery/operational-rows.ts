import { type CommitRows, type EventRow, noRows } from "../commit-rows.ts"
import { eventId } from "../event/ids.ts"
import { OPERATIONAL, type OperationalEvent } from "../event/operational-event.ts"
import type { Endpoint } from "./endpoint.ts"
import { DISABLED_AFTER_MS, type Notice } from "./endpoint-health.ts"

const DAY_MS = 86_400_000
const PREFIX = "ope"

export interface Announced {
  /** The endpoint that the event is about. */
  endpoint: Pick<Endpoint, "id" | "customerId" | "description">
  event: OperationalEvent
  /** Distinguishes the event from others of its type and endpoint; with its day it is the event's key in the store. */
  native: string
  dayOfMs: number
}

interface Deps {
  endpointsOf(customerId: string): readonly Endpoint[]
  newId(prefix: "dlv"): string
}

const iso = (ms: number) => new Date(ms).toISOString()

/** Turns a notice about an endpoint's health into the operational event for its customer. */
export function announceNotice(endpoint: Announced["endpoint"], notice: Notice, nowMs: number): Announced {
  const about = { endpoint_id: endpoint.id, description: endpoint.description }
  const timestamp = iso(nowMs)
  if (notice.type === "delivery.exhausted") {
    const { type, count, sinceMs } = notice
    const data = { ...about, deliveries: count, since: iso(sinceMs) }
    return { endpoint, native: `${nowMs}`, dayOfMs: nowMs, event: { type, timestamp, data } }
  }
  const { sinceMs, failures } = notice.failing
  const failing = { ...about, failing_since: iso(sinceMs), failures }
  const native = `${sinceMs}`
  switch (notice.type) {
    case "endpoint.failing": {
      const { type, warning } = notice
      const data = { ...failing, warning, disabled_after: iso(sinceMs + DISABLED_AFTER_MS) }
      return { endpoint, native: `${native}:${warning}`, dayOfMs: nowMs, event: { type, timestamp, data } }
    }
    case "endpoint.recovered":
      return { endpoint, native, dayOfMs: nowMs, event: { type: notice.type, timestamp, data: failing } }
    case "endpoint.disabled":
      return {
        endpoint,
        native,
        dayOfMs: nowMs,
        event: { type: notice.type, timestamp, data: { ...failing, reason: GIVEN_UP } },
      }
  }
}

/** Reasons for an automatic disable, as shown by the API. */
export const GIVEN_UP = "it failed for five days"
export const GONE = "the endpoint answered 410"

/** The event for an endpoint that is disabled because it answered 410. */
export function announceGone(endpoint: Announced["endpoint"], nowMs: number): Announced {
  const data = { endpoint_id: endpoint.id, description: endpoint.description, reason: GONE }
  const event = {
    type: "endpoint.disabled" as const,
    timestamp: iso(nowMs),
    data: { ...data, failing_since: null, failures: 1 },
  }
  return { endpoint, native: `${nowMs}`, dayOfMs: nowMs, event }
}

/** The event for a secret that expires soon. */
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
 * The rows of operational events and their deliveries. A delivery goes to each endpoint of the customer that subscribes
 * to the event by name, except the endpoint that it is about. An event without such an endpoint is not stored.
 */
export function operationalRows(announced: readonly Announced[], { endpointsOf, newId }: Deps): CommitRows {
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
      // The compact payload is the whole event.
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

/** Is this the id of an operational event? An exhausted delivery of such an event is not announced. */
export function isOperational(id: string): boolean {
  return id.startsWith(`${PREFIX}_`)
}
