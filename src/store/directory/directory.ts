import type { Pool } from "../connection/pool.ts"
import { type CustomerEntry, createDirectoryIndex } from "./directory-index.ts"
import {
  type App,
  type AppRow,
  decryptApp,
  decryptSecrets,
  type EndpointRow,
  type PageRow,
  toEndpoint,
} from "./directory-rows.ts"
import type { Decrypter } from "./vault.ts"

/** Triggers notify this channel of each change on commit. The payload is the customer's id, or "" for all customers. */
const CHANNEL = "onehook_directory"
const RETRY_MS = 500

/** A row whose secrets cannot be decrypted, and why. The reason contains no secret. */
export interface UndecryptableRow {
  kind: "app" | "endpoint"
  id: string
  reason: string
}

/**
 * A cache of all apps, pages and endpoints, so that a webhook needs no query. Every process is notified of each change
 * and reads it again. After a lost connection or a failed read, everything is read again.
 *
 * If a row's secrets cannot be decrypted, only that row is affected. An endpoint is treated as paused, so its
 * deliveries wait; an app is treated as missing, so Meta sends its webhooks again.
 *
 * @param onUndecryptable called once for such a row, and again if it was decrypted in between
 */
export async function openDirectory(
  pool: Pool,
  vault: Decrypter,
  onError: (error: unknown) => void,
  onUndecryptable: (row: UndecryptableRow) => void,
) {
  const index = createDirectoryIndex((appId) => apps.get(appId)?.customerId ?? null)
  let apps = new Map<string, App>()
  const reported = new Set<string>()

  function tryDecrypt<T>(kind: UndecryptableRow["kind"], id: string, decrypt: () => T): T | undefined {
    try {
      const secrets = decrypt()
      reported.delete(id)
      return secrets
    } catch (error) {
      if (!reported.has(id)) onUndecryptable({ kind, id, reason: (error as Error).message })
      reported.add(id)
      return undefined
    }
  }

  /** @param customerIds null in the set stands for every customer */
  async function load(customerIds: ReadonlySet<string | null>): Promise<void> {
    const everyone = customerIds.has(null)
    const where = everyone ? "true" : "customer_id = any($1)"
    const values = everyone ? [] : [[...customerIds]]
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
      const secrets = tryDecrypt("endpoint", row.id, () => decryptSecrets(row, vault))
      entryOf(row.customer_id).endpoints.push(toEndpoint(row, secrets))
    }
    const decryptedApps = appRows.rows.map((row) => tryDecrypt("app", row.id, () => decryptApp(row, vault)))
    apps = new Map(decryptedApps.filter((app) => app !== undefined).map((app) => [app.id, app]))
    index.replace(everyone ? null : [...customerIds].filter((id) => id !== null), loaded)
  }

  /** Reads run one after the other, so that an older result never replaces a newer one; waiting ones are combined. */
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
      tail = read.catch(reloadLater)
    }
    waiting.customerIds.add(customerId)
    return waiting.read
  }

  /** Retries until a read succeeds: there is no second notification, and pages would keep their old owner. */
  let reloading: NodeJS.Timeout | undefined
  let closed = false
  function reloadLater() {
    if (closed || reloading) return
    reloading = setTimeout(() => {
      reloading = undefined
      void reload(null).catch(onError)
    }, RETRY_MS)
  }

  await load(new Set([null]))
  const subscription = await pool.listen(
    CHANNEL,
    (payload) => void reload(payload === "" ? null : payload).catch(onError),
    () => void reload(null).catch(onError),
  )

  return {
    ...index.directory,
    app: (appId: string) => apps.get(appId),
    endpoint: index.endpoint,
    endpoints: index.endpoints,
    /** To be called after a write: when it resolves, this process has the change. Triggers notify the others. */
    changed: reload,
    async close() {
      closed = true
      clearTimeout(reloading)
      await subscription.close()
      await tail
    },
  }
}

export type OpenDirectory = Awaited<ReturnType<typeof openDirectory>>
