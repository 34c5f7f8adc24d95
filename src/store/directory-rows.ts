import type { Endpoint, EndpointSecret } from "../core/route.ts"
import { prepareSecrets } from "../core/signature.ts"
import { appAad } from "./apps.ts"
import { endpointAad, openHeaders, type EndpointRow as ShownRow } from "./endpoint-rows.ts"
import type { Opener } from "./vault.ts"

/** So long after it was switched on again, an endpoint is recovering. */
const RECOVERY_MS = 600_000

/** A Meta app whose webhooks are taken. */
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

/** The row as it is, without the fact of its health that the API shows beside it. */
export type EndpointRow = Omit<ShownRow, "failing_since"> & { enabled_at: Date | null }

/** Under which a page is looked up: by itself, and by the WhatsApp account that it is in. */
export function pageKeys(page: PageRow): string[] {
  const key = `${page.app_id}|${page.platform}|${page.page_id}`
  return page.waba_id === null ? [key] : [key, `${page.app_id}|waba|${page.waba_id}`]
}

/** @throws Error that repeats no secret */
export function openApp({ id, customer_id, secrets, verify_token }: AppRow, vault: Opener): App {
  const aad = appAad(id)
  return {
    id,
    customerId: customer_id,
    secrets: secrets.map((sealed) => vault.open(sealed, aad)),
    verifyToken: vault.open(verify_token, aad),
  }
}

type Secrets = Pick<Endpoint, "headers" | "secrets">

/** @throws Error that repeats no secret */
export function openSecrets(row: EndpointRow, vault: Opener): Secrets {
  const aad = endpointAad(row.id)
  return {
    headers: openHeaders(vault, row),
    secrets: row.secrets.map(({ sealed, expires_at }) => toSecret(vault.open(sealed, aad), expires_at)),
  }
}

/** @param opened undefined where they cannot be opened: nothing is sent then */
export function toEndpoint(row: EndpointRow, opened: Secrets | undefined): Endpoint {
  return {
    id: row.id,
    customerId: row.customer_id,
    url: row.url,
    description: row.description,
    active: row.status === "active" && opened !== undefined,
    revisionMs: row.updated_at.getTime(),
    recovering: row.enabled_at !== null && Date.now() - row.enabled_at.getTime() < RECOVERY_MS,
    events: new Set(row.events),
    platforms: row.platforms && new Set(row.platforms),
    pageIds: row.page_ids && new Set(row.page_ids),
    payload: row.payload,
    includeRaw: row.include_raw,
    maxConcurrency: row.max_concurrency,
    maxRate: row.max_rate,
    ordered: row.ordering === "conversation",
    retryScheduleMs: row.retry_schedule && [0, ...row.retry_schedule].map((seconds) => seconds * 1000),
    hubSignature: row.hub_signature,
    ...(opened ?? { headers: {}, secrets: [] }),
  }
}

function toSecret(text: string, expiresAt: string | null): EndpointSecret {
  const [key] = prepareSecrets([text])
  if (!key) throw new Error("an endpoint has an empty secret")
  return { text, key, expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt) }
}
