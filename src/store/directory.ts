import type { Directory, Endpoint } from "../core/route.ts"
import {
  type App,
  type AppRow,
  type EndpointRow,
  openApp,
  openSecrets,
  type PageRow,
  pageKeys,
  toEndpoint,
} from "./directory-rows.ts"
import type { Pool } from "./pool.ts"
import type { Opener } from "./vault.ts"

/** Triggers announce each change here, with its commit: the customer, or "" for all of them. */
const CHANNEL = "onehook_directory"
const RETRY_MS = 500

/** A row whose secrets cannot be opened, and why; the reason holds no secret. */
export interface Unreadable {
  kind: "app" | "endpoint"
  id: string
  reason: string
}

interface CustomerEntry {
  pages: PageRow[]
  endpoints: Endpoint[]
}

/**
 * Apps, pages and endpoints, in memory: a webhook costs no query. Each change is announced and read again by every
 * process; after a lost connection, or where a change could not be read, everything is read again.
 *
 * A row whose secrets cannot be opened holds up nobody else. Its endpoint is there as one that is paused, so what it is
 * to get waits for it; its app is not there, so Meta sends again.
 *
 * @param onUnreadable called once for such a row, and once more if it could be opened meanwhile
 */
export async function openDirectory(
  pool: Pool,
  vault: Opener,
  onError: (error: unknown) => void,
  onUnreadable: (row: Unreadable) => void,
) {
  const customers = new Map<string, CustomerEntry>()
  let apps = new Map<string, App>()
  const owners = new Map<string, string[]>()
  const endpoints = new Map<string, Endpoint>()
  const told = new Set<string>()

  function opened<T>(kind: Unreadable["kind"], id: string, open: () => T): T | undefined {
    try {
      const secrets = open()
      told.delete(id)
      return secrets
    } catch (error) {
      if (!told.has(id)) onUnreadable({ kind, id, reason: (error as Error).message })
      told.add(id)
      return undefined
    }
  }

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

  /** @param customerIds null among them stands for everyone */
  async function load(customerIds: ReadonlySet<string | null>): Promise<void> {
    const ofAll = customerIds.has(null)
    const where = ofAll ? "true" : "customer_id = any($1)"
    const values = ofAll ? [] : [[...customerIds]]
    const pages = await pool.query<PageRow>(
      `select app_id, platform, page_id, waba_id, customer_id from connections where status = 'active' and ${where}`,
      values,
    )
    const rows = await pool.query<EndpointRow>(`select * from endpoints where ${where} order by id`, values)
    const appRows = await pool.query<AppRow>("select id, customer_id, secrets, verify_token from apps")
    const loaded = new Map<string, CustomerEntry>()
    const entryOf = (id: string) => {
      const entry = loaded.get(id) ?? { pages: [], endpoints: [] }
      loaded.set(id, entry)
      return entry
    }
    for (const page of pages.rows) entryOf(page.customer_id).pages.push(page)
    for (const row of rows.rows) {
      const secrets = opened("endpoint", row.id, () => openSecrets(row, vault))
      entryOf(row.customer_id).endpoints.push(toEndpoint(row, secrets))
    }
    const openedApps = appRows.rows.map((row) => opened("app", row.id, () => openApp(row, vault)))
    apps = new Map(openedApps.filter((app) => app !== undefined).map((app) => [app.id, app]))
    for (const id of ofAll ? [...customers.keys()] : customerIds) if (id !== null) forget(id)
    for (const [id, entry] of loaded) know(id, entry)
  }

  /** One after the other, so that an older answer never overwrites a newer one; what waits is read together. */
  let tail: Promise<void> = Promise.resolve()
  let waiting: { customerIds: Set<string | null>; read: Promise<void> } | undefined
  function reload(customerId: string | null): Promise<void> {
    if (!waiting) {
      const customerIds = new Set<string | null>()
      const read = tail.then(() => {
        waiting = undefined
        return load(customerIds)
      })
      waiting = { customerIds, read }
      tail = read.catch(rereadSoon)
    }
    waiting.customerIds.add(customerId)
    return waiting.read
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

  await load(new Set([null]))
  const subscription = await pool.listen(
    CHANNEL,
    (payload) => void reload(payload === "" ? null : payload).catch(onError),
    () => void reload(null).catch(onError),
  )

  const directory: Directory = {
    owners(appId, { platform, pageId, wabaId, event }) {
      const exact = owners.get(`${appId}|${platform}|${pageId}`)
      if (exact) return exact
      if (event === "webhook.test") {
        const customerId = apps.get(appId)?.customerId ?? null
        return customerId === null ? [] : [customerId]
      }
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
    async close() {
      closed = true
      clearTimeout(rereading)
      await subscription.close()
      await tail
    },
  }
}

export type OpenDirectory = Awaited<ReturnType<typeof openDirectory>>
