import pg from "pg"
import { KEYED_LOOKUPS } from "./planner.ts"
import type { Pool, Queryable } from "./pool.ts"

const RECONNECT_MS = 500
/** One statement of ours never takes this long; a stuck server must not hold Meta's request for ever. */
const STATEMENT_TIMEOUT_MS = 15_000
const CONNECT_TIMEOUT_MS = 5_000
/** A new connection has every statement to plan again, so one is kept from one busy moment to the next. */
const IDLE_TIMEOUT_MS = 60_000
const optionsOf = (settings: readonly string[]) => settings.map((setting) => `-c ${setting}`).join(" ")

/** @throws when the server cannot be reached, with the reason but without the URL (it holds a password) */
export async function openPostgres(url: string, onError: (error: Error) => void): Promise<Pool> {
  const base = { connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true }
  const open = (config: pg.PoolConfig) => {
    const pool = new pg.Pool({ ...base, idleTimeoutMillis: IDLE_TIMEOUT_MS, ...config })
    pool.on("error", onError)
    return pool
  }
  const pool = open({ max: 8, statement_timeout: STATEMENT_TIMEOUT_MS })
  const keyed = (max: number, settings: readonly string[]) =>
    open({ max, statement_timeout: STATEMENT_TIMEOUT_MS, options: optionsOf([...settings, ...KEYED_LOOKUPS]) })
  const commits = keyed(2, [])
  const relaxed = keyed(6, ["synchronous_commit=off"])
  const closers: (() => Promise<void>)[] = []
  return {
    embedded: false,
    query: (statement, values) => pool.query(statement as string, values) as never,
    relaxed: { query: (statement, values) => relaxed.query(statement as string, values) as never },
    commits: {
      query: (statement, values) => commits.query(statement as string, values) as never,
      transaction: (work) => transaction(commits, work, onError),
    },
    transaction: (work) => transaction(pool, work, onError),
    listen: (channel, onPayload, onConnect) => listen(base, channel, onPayload, onConnect, onError),
    async queuePool() {
      const queuePool = open({ max: 10, options: "-c search_path=bullmq" })
      closers.push(() => queuePool.end())
      return queuePool
    },
    async close() {
      for (const close of closers) await close()
      await Promise.all([pool.end(), commits.end(), relaxed.end()])
    },
  }
}

async function transaction<T>(
  pool: pg.Pool,
  work: (connection: Queryable) => Promise<T>,
  onError: (error: Error) => void,
): Promise<T> {
  const client = await pool.connect()
  // Lost between two statements, a connection tells only this, and unheard it would end the process.
  client.on("error", onError)
  let failure: Error | undefined
  try {
    await client.query("begin")
    const result = await work(client as Queryable)
    await client.query("commit")
    return result
  } catch (error) {
    failure = error as Error
    await client.query("rollback").catch(() => {})
    throw error
  } finally {
    client.off("error", onError)
    client.release(failure && isBroken(failure) ? failure : undefined)
  }
}

/**
 * The connection or the server, not the statement, has failed, and the same may succeed later: SQLSTATE classes 08, 53 (out
 * of connections, memory or disk) and 57, a server that became read-only, or no SQLSTATE at all.
 */
export function isBroken(error: Error): boolean {
  const code = (error as { code?: string }).code
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(08|53|57|25006)/.test(code)
}

/** A connection of its own, rebuilt for as long as it is wanted. */
async function listen(
  config: pg.ClientConfig,
  channel: string,
  onPayload: (payload: string) => void,
  onConnect: () => void,
  onError: (error: Error) => void,
) {
  let wanted = true
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  const retry = () => {
    if (wanted) timer = setTimeout(() => void connect().catch(onError), RECONNECT_MS)
  }
  async function connect() {
    const next = new pg.Client(config)
    client = next
    let ended = false
    const lost = () => {
      if (ended) return
      ended = true
      next.end().catch(() => {})
      retry()
    }
    next.on("error", (error) => {
      onError(error)
      lost()
    })
    next.on("end", lost)
    next.on("notification", (message) => onPayload(message.payload ?? ""))
    try {
      await next.connect()
      await next.query(`listen ${channel}`)
    } catch (error) {
      lost()
      throw error
    }
    onConnect()
  }
  await connect()
  return {
    async close() {
      wanted = false
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
