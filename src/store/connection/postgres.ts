import pg from "pg"
import { isConflict, isUnavailableState } from "../../core/errors/sqlstate.ts"
import { KEYED_LOOKUPS } from "./planner.ts"
import type { Pool, Queryable } from "./pool.ts"

const RECONNECT_MS = 500
const CONNECT_TIMEOUT_MS = 5_000
/** Until the system asks an idle connection's other end whether it is there; by default it does after two hours. */
const KEEP_ALIVE_MS = 10_000
/** For what may take minutes. It must be more than anything takes: by 0, the deadline of the connection would count. */
const LONG_ANSWER_MS = 86_400_000
/** A stuck server must not hold Meta's request for ever. */
const LIMITS = {
  /** One statement of ours never takes this long: the server ends it. */
  statementMs: 15_000,
  /** A server that has not even done that hangs: the connection is given up. */
  answerMs: 17_000,
  /** Nobody waits for an answer where news are awaited, so one is asked for. */
  checkListenersMs: 10_000,
}
/** A new connection has every statement to plan again, so one is kept from one busy moment to the next. */
const IDLE_TIMEOUT_MS = 60_000
/** The driver reads times that are written like this, whatever the database or its user has set. */
const DATES = "datestyle=ISO"
const optionsOf = (settings: readonly string[]) => [DATES, ...settings].map((setting) => `-c ${setting}`).join(" ")

/** @throws when the server cannot be reached, with the reason but without the URL (it holds a password) */
export async function openPostgres(url: string, onError: (error: Error) => void, limits = LIMITS): Promise<Pool> {
  const base = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    statement_timeout: limits.statementMs,
    query_timeout: limits.answerMs,
    options: optionsOf([]),
  }
  const open = (config: pg.PoolConfig) => {
    const pool = new pg.Pool({ ...base, idleTimeoutMillis: IDLE_TIMEOUT_MS, ...config })
    pool.on("error", onError)
    return pool
  }
  const pool = open({ max: 8 })
  const keyed = (max: number, settings: readonly string[]) =>
    open({ max, options: optionsOf([...settings, ...KEYED_LOOKUPS]) })
  const commits = keyed(2, [])
  const relaxed = keyed(6, ["synchronous_commit=off"])
  const closers: (() => Promise<void>)[] = []
  return {
    embedded: false,
    query: (statement, values) => pool.query(statement as string, values) as never,
    relaxed: { query: (statement, values) => again(() => relaxed.query(statement as string, values)) as never },
    commits: {
      query: (statement, values) => again(() => commits.query(statement as string, values)) as never,
      transaction: (work) => transaction(commits, work, onError),
    },
    transaction: (work) => transaction(pool, work, onError),
    longTransaction: (work) =>
      transaction(
        pool,
        async (connection) => {
          await connection.query("set local statement_timeout = 0")
          return work(unhurried(connection))
        },
        onError,
      ),
    listen: (channel, onPayload, onConnect) =>
      listen(base, limits.checkListenersMs, { channel, onPayload, onConnect, onError }),
    async queuePool() {
      const queuePool = open({ max: 10, options: optionsOf(["search_path=bullmq"]) })
      closers.push(() => queuePool.end())
      return queuePool
    },
    async close() {
      for (const close of closers) await close()
      await Promise.all([pool.end(), commits.end(), relaxed.end()])
    },
  }
}

const MOST_TRIES = 5

/** Until it meets no conflict: what failed by one has changed nothing. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries === MOST_TRIES || !isConflict((error as { code?: string }).code)) throw error
    }
  }
}

const transaction = <T>(
  pool: pg.Pool,
  work: (connection: Queryable) => Promise<T>,
  onError: (error: Error) => void,
): Promise<T> => again(() => tryTransaction(pool, work, onError))

async function tryTransaction<T>(
  pool: pg.Pool,
  work: (connection: Queryable) => Promise<T>,
  onError: (error: Error) => void,
): Promise<T> {
  const client = await pool.connect()
  // Lost between two statements, a connection tells only this, and unheard it would end the process.
  client.on("error", onError)
  let broken: Error | undefined
  try {
    await client.query("begin")
    const result = await work(client as Queryable)
    await client.query("commit")
    return result
  } catch (error) {
    broken = isBroken(error as Error) ? (error as Error) : await rolledBack(client)
    throw error
  } finally {
    client.off("error", onError)
    client.release(broken)
  }
}

/** Not on a broken connection: it would wait behind the statement that hangs, and ends the transaction when it ends. */
const rolledBack = (client: pg.PoolClient): Promise<Error | undefined> =>
  client.query("rollback").then(
    () => undefined,
    (error: Error) => error,
  )

function unhurried(connection: Queryable): Queryable {
  return {
    query(statement, values) {
      const given = typeof statement === "string" ? { text: statement } : statement
      return connection.query({ ...given, query_timeout: LONG_ANSWER_MS } as never, values)
    },
  }
}

/** The connection or the server, not the statement, has failed: by the SQLSTATE, or since there is none at all. */
export function isBroken(error: Error): boolean {
  const code = (error as { code?: string }).code
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || isUnavailableState(code)
}

interface Listener {
  channel: string
  onPayload(payload: string): void
  onConnect(): void
  onError(error: Error): void
}

/** A connection of its own, asked now and then whether it is there, and rebuilt for as long as it is wanted. */
async function listen(
  config: pg.ClientConfig,
  checkEveryMs: number,
  { channel, onPayload, onConnect, onError }: Listener,
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
      clearTimeout(timer)
      next.end().catch(() => {})
      retry()
    }
    const failed = (error: Error) => {
      if (!ended) onError(error)
      lost()
    }
    const check = () => {
      if (wanted && !ended) timer = setTimeout(() => next.query("select 1").then(check, failed), checkEveryMs)
    }
    next.on("error", failed)
    next.on("end", lost)
    next.on("notification", (message) => onPayload(message.payload ?? ""))
    try {
      await next.connect()
      await next.query(`listen ${channel}`)
    } catch (error) {
      lost()
      throw error
    }
    check()
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
