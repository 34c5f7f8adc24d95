import type { Directory, Endpoint, EndpointSecret } from "../core/route.ts"
import { prepareSecrets } from "../core/signature.ts"
import type { Pool } from "./pool.ts"

/** So long after it was switched on again, an endpoint is recovering. */
const RECOVERY_MS = 600_000
/** Triggers announce each change here, with its commit: the customer, or "" for all of them. */
const CHANNEL = "onehook_directory"
const RETRY_MS = 500

/** A Meta app whose webhooks are taken. */
export interface App {
  id: string
  secrets: readonly string[]
  verifyToken: string
}

interface Vault {
  open(sealed: string, aad: string): string
}

interface PageRow {
  app_id: string
  platform: string
  page_id: string
  waba_id: string | null
  customer_id: string
}

interface EndpointRow {
  id: string
  customer_id: string
  url: string
  description: string
  status: string
  events: string[]
  platforms: string[] | null
  page_ids: string[] | null
  payload: "full" | "compact"
  include_raw: boolean
  max_concurrency: number
  max_rate: number | null
  ordering: "none" | "conversation"
  retry_schedule: number[] | null
  headers: string | null
  hub_signature: boolean
  secrets: { sealed: string; expires_at: string | null }[]
  updated_at: Date
  enabled_at: Date | null
}

interface CustomerEntry {
  pages: PageRow[]
  endpoints: Endpoint[]
}

/**
 * Apps, pages and endpoints, in memory: a webhook costs no query. Each change is announced and read again by every
 * process; after a lost connection, or where a change could not be read, everything is read again.
 */
export async function openDirectory(pool: Pool, vault: Vault, onError: (error: unknown) => void) {
  const customers = new Map<string, CustomerEntry>()
  let apps = new Map<string, App>()
  const owners = new Map<string, string[]>()
  const endpoints = new Map<string, Endpoint>()

  function forget(customerId: string) {
    const entry = customers.get(customerId)
    if (!entry) return
    customers.delete(customerId)
    for (const endpoint of entry.endpoints) endpoints.delete(endpoint.id)
    for (const key of entry.pages.flatMap(pageKeys)) {
      const others = owners.get(key)?.filter((owner) => owner !== customerId) ?? []
      if (others.length > 0) owners.set(key, others)
      else owners.delete(key)
    }
  }

  function know(customerId: string, entry: CustomerEntry) {
    customers.set(customerId, entry)
    for (const endpoint of entry.endpoints) endpoints.set(endpoint.id, endpoint)
    for (const key of entry.pages.flatMap(pageKeys)) {
      const known = owners.get(key) ?? []
      if (!known.includes(customerId)) owners.set(key, [...known, customerId])
    }
  }

  async function load(customerId: string | null): Promise<void> {
    const where = customerId === null ? "true" : "customer_id = $1"
    const values = customerId === null ? [] : [customerId]
    const pages = await pool.query<PageRow>(
      `select app_id, platform, page_id, waba_id, customer_id from connections where status = 'active' and ${where}`,
      values,
    )
    const rows = await pool.query<EndpointRow>(`select * from endpoints where ${where} order by id`, values)
    const appRows = await pool.query<{ id: string; secrets: string[]; verify_token: string }>(
      "select id, secrets, verify_token from apps",
    )
    const loaded = new Map<string, CustomerEntry>()
    const entryOf = (id: string) => {
      const entry = loaded.get(id) ?? { pages: [], endpoints: [] }
      loaded.set(id, entry)
      return entry
    }
    for (const page of pages.rows) entryOf(page.customer_id).pages.push(page)
    for (const row of rows.rows) entryOf(row.customer_id).endpoints.push(toEndpoint(row, vault))
    apps = new Map(
      appRows.rows.map((row) => [
        row.id,
        {
          id: row.id,
          secrets: row.secrets.map((sealed) => vault.open(sealed, `apps:${row.id}`)),
          verifyToken: vault.open(row.verify_token, `apps:${row.id}`),
        },
      ]),
    )
    for (const id of customerId === null ? [...customers.keys()] : [customerId]) forget(id)
    for (const [id, entry] of loaded) know(id, entry)
  }

  /** One after the other, so that an older answer never overwrites a newer one. */
  let tail: Promise<void> = Promise.resolve()
  function reload(customerId: string | null): Promise<void> {
    const turn = tail.then(() => load(customerId))
    tail = turn.catch(rereadSoon)
    return turn
  }

  /** Until it can be: nobody announces the change again, and its pages would stay those of their old owner. */
  let rereading: NodeJS.Timeout | undefined
  let closed = false
  function rereadSoon() {
    if (closed || rereading) return
    rereading = setTimeout(() => {
      rereading = undefined
      void reload(null).catch(onError)
    }, RETRY_MS)
  }

  await load(null)
  const subscription = await pool.listen(
    CHANNEL,
    (payload) => void reload(payload === "" ? null : payload).catch(onError),
    () => void reload(null).catch(onError),
  )

  const directory: Directory = {
    owners(appId, { platform, pageId, wabaId }) {
      const exact = owners.get(`${appId}|${platform}|${pageId}`)
      if (exact) return exact
      // Only what concerns a whole account: an event that names a phone number belongs to that number's owner or nobody.
      return (pageId === wabaId && owners.get(`${appId}|waba|${wabaId}`)) || []
    },
    endpointsOf: (customerId) => customers.get(customerId)?.endpoints ?? [],
  }
  return {
    ...directory,
    app: (appId: string) => apps.get(appId),
    endpoint: (endpointId: string) => endpoints.get(endpointId),
    endpoints: () => endpoints.values(),
    /** Call after a write: this process has it when the promise resolves, the others have been told already. */
    changed: reload,
    close() {
      closed = true
      clearTimeout(rereading)
      return subscription.close()
    },
  }
}

export type OpenDirectory = Awaited<ReturnType<typeof openDirectory>>

function pageKeys(page: PageRow): string[] {
  const key = `${page.app_id}|${page.platform}|${page.page_id}`
  return page.waba_id === null ? [key] : [key, `${page.app_id}|waba|${page.waba_id}`]
}

function toEndpoint(row: EndpointRow, vault: Vault): Endpoint {
  const aad = `endpoints:${row.id}`
  return {
    id: row.id,
    customerId: row.customer_id,
    url: row.url,
    description: row.description,
    active: row.status === "active",
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
    headers: row.headers === null ? {} : JSON.parse(vault.open(row.headers, aad)),
    hubSignature: row.hub_signature,
    secrets: row.secrets.map(({ sealed, expires_at }) => toSecret(vault.open(sealed, aad), expires_at)),
  }
}

function toSecret(text: string, expiresAt: string | null): EndpointSecret {
  const [key] = prepareSecrets([text])
  if (!key) throw new Error("an endpoint has an empty secret")
  return { text, key, expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt) }
}
