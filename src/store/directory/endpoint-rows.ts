import type { Endpoint } from "../../core/api/resources/endpoint.ts"
import type { Platform } from "../../core/event/event.ts"
import { iso, isoOrNull } from "../connection/rows.ts"
import type { Decrypter, Vault } from "./vault.ts"

export interface EndpointRow {
  id: string
  customer_id: string
  url: string
  description: string
  status: "active" | "paused" | "disabled"
  disabled_reason: string | null
  failing_since: Date | null
  events: string[]
  platforms: Platform[] | null
  page_ids: string[] | null
  message_types: string[] | null
  statuses: string[] | null
  direction: "inbound" | "outbound" | null
  payload: "full" | "compact"
  include_raw: boolean
  max_concurrency: number
  max_rate: number | null
  ordering: "none" | "conversation"
  retry_schedule: number[] | null
  headers: string | null
  hub_signature: boolean
  secrets: EncryptedSecret[]
  created_at: Date
  updated_at: Date
}

/** The columns that the API shows: the row, and since when the endpoint has been failing. */
export const SHOWN = "*, (select failing_since from endpoint_health h where h.endpoint_id = endpoints.id)"

/** An endpoint's are stored newest first; the newest never expires. */
export interface EncryptedSecret {
  sealed: string
  expires_at: string | null
}

const isLive = ({ expires_at }: EncryptedSecret) => expires_at === null || Date.parse(expires_at) > Date.now()

/** The additional authenticated data of an endpoint's secrets and headers. */
export function endpointAad(id: string): string {
  return `endpoints:${id}`
}

/** Headers may hold credentials, so they are encrypted, as one text; null if there are none. */
export function encryptHeaders(vault: Vault, id: string, headers: Record<string, string>): string | null {
  return Object.keys(headers).length === 0 ? null : vault.encrypt(JSON.stringify(headers), endpointAad(id))
}

/** @throws Error that contains no secret */
export function decryptHeaders(vault: Decrypter, row: Pick<EndpointRow, "id" | "headers">): Record<string, string> {
  if (row.headers === null) return {}
  const text = vault.decrypt(row.headers, endpointAad(row.id))
  try {
    return JSON.parse(text)
  } catch {
    // Without the cause, which contains the text.
    throw new Error("the endpoint's headers are not valid JSON")
  }
}

/** The headers with their values masked; null if they cannot be decrypted, so that they can still be replaced. */
export function headerNames(vault: Decrypter, row: Pick<EndpointRow, "id" | "headers">): Record<string, "***"> | null {
  try {
    return Object.fromEntries(Object.keys(decryptHeaders(vault, row)).map((name) => [name, "***"]))
  } catch {
    return null
  }
}

/** As the API shows it: without secrets, and with the headers' values masked. */
export function presentEndpoint(vault: Vault, row: EndpointRow): Endpoint {
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    status: row.status,
    disabled_reason: row.disabled_reason,
    failing_since: isoOrNull(row.failing_since),
    events: row.events,
    platforms: row.platforms,
    page_ids: row.page_ids,
    message_types: row.message_types,
    statuses: row.statuses,
    direction: row.direction,
    payload: row.payload,
    include_raw: row.include_raw,
    max_concurrency: row.max_concurrency,
    max_rate: row.max_rate,
    ordering: row.ordering,
    retry_schedule: row.retry_schedule,
    headers: headerNames(vault, row),
    hub_signature: row.hub_signature,
    secrets: row.secrets.filter(isLive).map(({ expires_at }) => ({ expires_at })),
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}
