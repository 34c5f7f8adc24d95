import { mkdirSync } from "node:fs"
import { setImmediate as nextTurn } from "node:timers/promises"
import { PGlite } from "@electric-sql/pglite"
import { types } from "pg"
import { createPrepared } from "./pglite-prepared.ts"
import { createQueuePool, type Lock, type Query } from "./pglite-queue-pool.ts"
import { KEYED_LOOKUPS } from "./planner.ts"
import type { Pool, Rows, Statement } from "./pool.ts"

/** PGlite resolves in microtasks. Without a pause, timers and sockets would wait until the store is idle. */
const YIELD_AFTER_MS = 4

const TIMESTAMPTZ = types.builtins.TIMESTAMPTZ
/** As pg reads them: PGlite reads a time before the year 1000 as an invalid date. */
const PARSERS = { [TIMESTAMPTZ]: types.getTypeParser(TIMESTAMPTZ) }

/**
 * Opens Postgres inside the process, behind the interface of a pool. It has one connection, so a transaction has
 * exclusive use of it. It survives a crash of the process but not a power cut: PGlite does not fsync
 * (electric-sql/pglite#1107).
 *
 * @param dataDir the folder that holds the data; created if missing
 */
export async function openPglite(dataDir: string): Promise<Pool> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const engine = await PGlite.create({ dataDir, parsers: PARSERS })
  const settings = ["search_path=public,bullmq", "timezone='UTC'", ...KEYED_LOOKUPS]
  await engine.exec(settings.map((setting) => `set ${setting};`).join(""))
  const lock = createLock()
  const prepared = createPrepared(engine)

  async function run<R>(statement: string | Statement, values?: unknown[]): Promise<Rows<R>> {
    const text = typeof statement === "string" ? statement : statement.text
    const given = typeof statement === "string" ? values : (statement.values ?? values)
    if (given === undefined || given.length === 0) {
      const result = (await engine.exec(text)).at(-1)
      return { rows: (result?.rows ?? []) as R[], rowCount: result?.affectedRows ?? result?.rows.length ?? 0 }
    }
    if (typeof statement !== "string") return prepared<R>(statement, given)
    const result = await engine.query<R>(text, given)
    return { rows: result.rows, rowCount: result.affectedRows || result.rows.length }
  }
  const query: Query = (statement, values) => lock(() => run(statement, values))

  const transaction: Pool["transaction"] = (work) =>
    lock(async () => {
      await engine.exec("begin")
      try {
        const result = await work({ query: run })
        await engine.exec("commit")
        return result
      } catch (error) {
        await engine.exec("rollback")
        throw error
      }
    })

  return {
    embedded: true,
    check: async () => {},
    query,
    relaxed: { query },
    commits: { query, transaction },
    transaction,
    longTransaction: transaction,
    async listen(channel, onPayload, onConnect) {
      const stop = await lock(() => engine.listen(channel, onPayload))
      onConnect()
      return { close: () => lock(() => stop()) }
    },
    async keepSession({ onConnect }) {
      await onConnect({ query })
      return { close: async () => {} }
    },
    queuePool: async () => createQueuePool(engine, query, run, lock),
    close: () => lock(() => engine.close()),
  }
}

/** First come, first served. Yields to the event loop after each few milliseconds of work. */
function createLock(): Lock {
  let tail: Promise<unknown> = Promise.resolve()
  let lastYield = performance.now()
  return (work) => {
    const result = tail.then(async () => {
      if (performance.now() - lastYield > YIELD_AFTER_MS) {
        await nextTurn()
        lastYield = performance.now()
      }
      return work()
    })
    tail = result.catch(() => {})
    return result
  }
}
