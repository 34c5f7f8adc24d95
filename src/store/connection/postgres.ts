import pg from "pg"
import { isConflict, isUnavailableState } from "../../core/errors/sqlstate.ts"
import { KEYED_LOOKUPS } from "./planner.ts"
import type { Pool, Queryable } from "./pool.ts"
import { type PoolSizes, poolSizes, sizeOf } from "./pool-sizes.ts"
import { keepSession } from "./postgres-session.ts"
import { postgresHosts } from "./postgres-url.ts"
import { checkServer } from "./server-check.ts"
import { createSessionClient } from "./session-client.ts"

const CONNECT_TIMEOUT_MS = 5_000
/** How long a connection is idle before TCP keep-alive probes it; the system's default is two hours. */
const KEEP_ALIVE_MS = 10_000
/** For long transactions. A day, since 0 would mean the connection's own deadline. */
const LONG_ANSWER_MS = 86_400_000
/** A server that hangs must not hold Meta's request for ever. */
const LIMITS = {
  /** After this, the server cancels the statement. */
  statementMs: 15_000,
  /** After this, the server has failed to cancel the statement, and the connection is closed. */
  answerMs: 17_000,
  /** A listening connection sends no queries, so it is probed with one this often. */
  checkListenersMs: 10_000,
  /** A kept session that answers no check for so long is replaced. */
  sessionAnswerMs: 5_000,
}
/** A new connection must prepare every statement again, so an idle one is kept for a while. */
const IDLE_TIMEOUT_MS = 60_000
/** The driver parses only ISO dates, whatever the database or its user sets. */
const DATES = "datestyle=ISO"

/** @throws StoreFault if a certificate file of the URL cannot be read */
export async function openPostgres(
  url: string,
  onError: (error: Error) => void,
  sizes: PoolSizes = poolSizes("all", true),
  limits = LIMITS,
): Promise<Pool> {
  const Client = createSessionClient(postgresHosts(url))
  const base = {
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    query_timeout: limits.answerMs,
  }
  const always = [DATES, `statement_timeout=${limits.statementMs}`]
  const open = (max: number, settings: readonly string[] = []) => {
    const config = { ...base, max, idleTimeoutMillis: IDLE_TIMEOUT_MS, settings: [...always, ...settings] }
    const pool = new pg.Pool({ ...config, Client: Client as never })
    pool.on("error", onError)
    return pool
  }
  const pool = open(sizes.general)
  const commits = open(sizes.commits, KEYED_LOOKUPS)
  const relaxed = open(sizes.relaxed, ["synchronous_commit=off", ...KEYED_LOOKUPS])
  const closers: (() => Promise<void>)[] = []
  return {
    embedded: false,
    check: () => checkServer(Client, { ...base, settings: always }, sizeOf(sizes)),
    query: (statement, values) => pool.query(statement as string, values) as never,
    relaxed: {
      query: (statement, values) => retryConflicts(() => relaxed.query(statement as string, values)) as never,
    },
    commits: {
      query: (statement, values) => retryConflicts(() => commits.query(statement as string, values)) as never,
      transaction: (work) => transaction(commits, work, onError),
    },
    transaction: (work) => transaction(pool, work, onError),
    longTransaction: (work) =>
      transaction(
        pool,
        async (connection) => {
          await connection.query("set local statement_timeout = 0")
          return work(withLongDeadline(connection))
        },
        onError,
      ),
    listen: (channel, onPayload, onConnect) =>
      keepSession(
        Client,
        { ...base, settings: always },
        {
          onConnect: async (connection) => {
            await connection.query(`listen ${channel}`)
            onConnect()
          },
          check: (connection) => connection.query("select 1"),
          checkEveryMs: limits.checkListenersMs,
          onPayload,
          onLost: () => {},
          onError,
        },
      ),
    keepSession: (session) =>
      keepSession(Client, { ...base, settings: always, query_timeout: limits.sessionAnswerMs }, session),
    async queuePool() {
      const queuePool = open(sizes.queue, ["search_path=bullmq"])
      closers.push(() => queuePool.end())
      return queuePool
    },
    async close() {
      for (const close of closers) await close()
      await Promise.all([pool.end(), commits.end(), relaxed.end()])
    },
  }
}

const MAX_TRIES = 5

/** Safe to repeat: what failed with a conflict has changed nothing. */
async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries === MAX_TRIES || !isConflict((error as { code?: string }).code)) throw error
    }
  }
}

const transaction = <T>(
  pool: pg.Pool,
  work: (connection: Queryable) => Promise<T>,
  onError: (error: Error) => void,
): Promise<T> => retryConflicts(() => tryTransaction(pool, work, onError))

async function tryTransaction<T>(
  pool: pg.Pool,
  work: (connection: Queryable) => Promise<T>,
  onError: (error: Error) => void,
): Promise<T> {
  const client = await pool.connect()
  // A connection lost between two statements emits this event only, and an unhandled one ends the process.
  client.on("error", onError)
  let broken: Error | undefined
  try {
    await client.query("begin")
    const result = await work(client as Queryable)
    await client.query("commit")
    return result
  } catch (error) {
    broken = isBroken(error as Error) ? (error as Error) : await rollback(client)
    throw error
  } finally {
    client.off("error", onError)
    client.release(broken)
  }
}

/**
 * Only on a working connection: on a broken one it would wait for the hanging statement, and closing rolls back too.
 */
const rollback = (client: pg.PoolClient): Promise<Error | undefined> =>
  client.query("rollback").then(
    () => undefined,
    (error: Error) => error,
  )

function withLongDeadline(connection: Queryable): Queryable {
  return {
    query(statement, values) {
      const given = typeof statement === "string" ? { text: statement } : statement
      return connection.query({ ...given, query_timeout: LONG_ANSWER_MS } as never, values)
    },
  }
}

/** Whether the connection or the server failed, not the statement: judged by the SQLSTATE, or because there is none. */
export function isBroken(error: Error): boolean {
  const code = (error as { code?: string }).code
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || isUnavailableState(code)
}
