import type { Endpoint, EndpointSecret } from "../../core/delivery/endpoint.ts"
import { prepareSecrets } from "../../core/delivery/signature.ts"
import { appAad } from "./apps.ts"
import { decryptHeaders, endpointAad, type EndpointRow as ShownRow } from "./endpoint-rows.ts"
import type { Decrypter } from "./vault.ts"

/** How long an endpoint counts as recovering after it was enabled again. */
const RECOVERY_MS = 600_000

/** A Meta app whose webhooks are accepted. */
export interface App {
  id: string
  /** The customer who registered it; null for the operator's. */
  customerId: string | null
  secrets: readonly string[]
  verifyToken: string
}

export interface AppRow {
  id: string
  customer_id: string | null
  secrets: string[]
  verify_token: string
}

export interface PageRow {
  app_id: string
  platform: string
  page_id: string
  waba_id: string | null
  customer_id: string
}

/** The table's row, without the health that the API shows beside it. */
export type EndpointRow = Omit<ShownRow, "failing_since"> & { enabled_at: Date | null }

/** The keys under which a page is looked up: its own, and that of its WhatsApp Business account. */
export function pageKeys(page: PageRow): string[] {
  const key = `${page.app_id}|${page.platform}|${page.page_id}`
  return page.waba_id === null ? [key] : [key, `${page.app_id}|waba|${page.waba_id}`]
}

/** @throws Error that contains no secret */
export function decryptApp({ id, customer_id, secrets, verify_token }: AppRow, vault: Decrypter): App {
  const aad = appAad(id)
  return {
    id,
    customerId: customer_id,
    secrets: secrets.map((encrypted) => vault.decrypt(encrypted, aad)),
    verifyToken: vault.decrypt(verify_token, aad),
  }
}

type Secrets = Pick<Endpoint, "headers" | "secrets">

/** @throws Error that contains no secret */
export function decryptSecrets(row: EndpointRow, vault: Decrypter): Secrets {
  const aad = endpointAad(row.id)
  return {
    headers: decryptHeaders(vault, row),
    secrets: row.secrets.map(({ sealed, expires_at }) => toSecret(vault.decrypt(sealed, aad), expires_at)),
  }
}

/** @param secrets undefined if they cannot be decrypted; the endpoint is then inactive */
export function toEndpoint(row: EndpointRow, secrets: Secrets | undefined): Endpoint {
  return {
    id: row.id,
    customerId: row.customer_id,
    url: row.url,
    description: row.description,
    active: row.status === "active" && secrets !== undefined,
    revisionMs: row.updated_at.getTime(),
    recovering: row.enabled_at !== null && Date.now() - row.enabled_at.getTime() < RECOVERY_MS,
    events: new Set(row.events),
    platforms: row.platforms && new Set(row.platforms),
    pageIds: row.page_ids && new Set(row.page_ids),
    messageTypes: row.message_types && new Set(row.message_types),
    statuses: row.statuses && new Set(row.statuses),
    direction: row.direction,
    payload: row.payload,
    includeRaw: row.include_raw,
    maxConcurrency: row.max_concurrency,
    maxRate: row.max_rate,
    ordered: row.ordering === "conversation",
    retryScheduleMs: row.retry_schedule && [0, ...row.retry_schedule].map((seconds) => seconds * 1000),
    hubSignature: row.hub_signature,
    ...(secrets ?? { headers: {}, secrets: [] }),
  }
}

function toSecret(text: string, expiresAt: string | null): EndpointSecret {
  const [key] = prepareSecrets([text])
  if (!key) throw new Error("an endpoint has an empty secret")
  return { text, key, expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt) }
}
