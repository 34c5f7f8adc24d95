import { EventEmitter } from "node:events"
import type { PGlite } from "@electric-sql/pglite"
import type { Rows, Statement } from "./pool.ts"

export type Query = <R>(statement: string | Statement, values?: unknown[]) => Promise<Rows<R>>
export type Lock = <T>(work: () => Promise<T>) => Promise<T>

/** The part of the `pg.Pool` interface that BullMQ uses. */
export function createQueuePool(engine: PGlite, query: Query, run: Query, lock: Lock) {
  const pool = Object.assign(new EventEmitter(), {
    options: { keepAlive: true },
    query,
    connect: async () => createPgClient(engine, query, run, lock),
    end: async () => {},
  })
  return pool
}

function createPgClient(engine: PGlite, query: Query, run: Query, lock: Lock) {
  const client = new EventEmitter()
  const channels = new Map<string, () => Promise<void>>()
  let endTransaction: (() => void) | undefined

  async function statement<R>(given: string | Statement, values?: unknown[]): Promise<Rows<R>> {
    const text = withoutComments(typeof given === "string" ? given : given.text)
    const [verb = "", name = ""] = text.split(/[\s;]+/, 2)
    switch (verb.toLowerCase()) {
      case "listen":
        await listen(unquoted(name))
        return { rows: [], rowCount: 0 }
      case "unlisten":
        await unlisten(unquoted(name))
        return { rows: [], rowCount: 0 }
      case "begin":
        await holdConnection()
        return run(given, values)
      case "commit":
      case "rollback":
        try {
          return await run(given, values)
        } finally {
          endTransaction?.()
          endTransaction = undefined
        }
      default:
        return endTransaction ? run(given, values) : query(given, values)
    }
  }

  /** Holds the only connection until the transaction ends. */
  function holdConnection(): Promise<void> {
    return new Promise((acquired) => {
      void lock(() => {
        acquired()
        return new Promise<void>((released) => {
          endTransaction = released
        })
      })
    })
  }

  async function listen(channel: string) {
    if (channels.has(channel)) return
    const stop = await lock(() =>
      engine.listen(channel, (payload) => client.emit("notification", { channel, payload })),
    )
    channels.set(channel, () => stop())
  }

  async function unlisten(channel: string) {
    const stop = channels.get(channel)
    channels.delete(channel)
    if (stop) await lock(stop)
  }

  return Object.assign(client, {
    query: statement,
    release() {
      for (const channel of [...channels.keys()]) void unlisten(channel).catch(() => {})
    },
  })
}

/** BullMQ names its statements in a leading comment, so the first word may not be the verb. */
function withoutComments(text: string): string {
  return text.replace(/^(\s*(--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/))*\s*/, "")
}

function unquoted(name: string): string {
  return name.replaceAll('"', "")
}
