import type { Attempt } from "../../core/api/resources/delivery.ts"
import { iso, isoOrNull } from "../connection/rows.ts"

export interface AttemptRow {
  number: number
  started_at: Date
  duration_ms: number
  outcome: string
  verdict: string
  status: number | null
  error: string | null
  response: string | null
  next_attempt_at: Date | null
  trigger: string | null
  remote_address: string | null
  /** Of DNS, connect, TLS and first byte, in milliseconds. */
  timings: (number | null)[] | null
}

interface Context {
  deliveryId: string
  eventId: string
  /** The endpoint's own headers, with their values masked. */
  ownHeaders: Record<string, "***">
}

/** As the API shows it. The request's headers are not stored; they are reconstructed. */
export function presentAttempt({ deliveryId, eventId, ownHeaders }: Context, row: AttemptRow): Attempt {
  const [dns = null, connect = null, tls = null, firstByte = null] = row.timings ?? []
  return {
    id: `${deliveryId.replace(/^dlv_/, "atm_")}_${row.number}`,
    number: row.number,
    trigger: (row.trigger ?? "schedule") as Attempt["trigger"],
    started_at: iso(row.started_at),
    duration_ms: row.duration_ms,
    timings: { dns_ms: dns, connect_ms: connect, tls_ms: tls, first_byte_ms: firstByte, total_ms: row.duration_ms },
    request_headers: {
      "content-type": "application/json",
      "webhook-id": eventId,
      "webhook-timestamp": String(Math.floor(row.started_at.getTime() / 1000)),
      "webhook-signature": "***",
      ...ownHeaders,
    },
    remote_address: row.remote_address,
    outcome: row.outcome,
    verdict: row.verdict,
    status: row.status,
    error: row.error,
    response: row.response,
    next_attempt_at: isoOrNull(row.next_attempt_at),
  }
}
