import { type PGlite, parse, protocol } from "@electric-sql/pglite"
import type { Rows, Statement } from "./pool.ts"

const { serialize } = protocol

type Message = Awaited<ReturnType<PGlite["execProtocol"]>>["messages"][number]

/** Plans depend on table sizes, and nothing else in PGlite renews them when tables have grown. */
const REPLAN_EVERY_MS = 2_000

interface Prepared {
  parameterTypes: number[]
  /** The description of the result's columns, which an execution does not repeat. */
  columns: Message[]
}

/**
 * Runs named statements: each is parsed and planned once and executed in one call into the engine. PGlite's own `query`
 * parses and plans every time, in six calls, which for Onehook's long statements is most of the work.
 */
export function createPrepared(engine: PGlite) {
  const known = new Map<string, Prepared>()
  let plannedAtMs = performance.now()

  const call = async (...parts: Uint8Array[]) =>
    (await engine.execProtocol(Buffer.concat([...parts, serialize.sync()]))).messages

  async function prepare({ name, text }: Statement): Promise<Prepared> {
    const messages = await call(serialize.parse({ name, text }), serialize.describe({ type: "S", name }))
    const parameterTypes = messages.flatMap((message) =>
      "dataTypeIDs" in message ? (message.dataTypeIDs as number[]) : [],
    )
    const columns = messages.filter((message) => message.name === "rowDescription")
    return { parameterTypes, columns }
  }

  return async function run<R>(statement: Statement, values: readonly unknown[]): Promise<Rows<R>> {
    const { name } = statement
    if (performance.now() - plannedAtMs > REPLAN_EVERY_MS) {
      await engine.exec("discard plans")
      plannedAtMs = performance.now()
    }
    const prepared = known.get(name) ?? (await prepare(statement))
    known.set(name, prepared)
    const given = values.map((value, index) => {
      if (value === null || value === undefined) return null
      const toText = engine.serializers[prepared.parameterTypes[index] ?? 0] ?? String
      return toText(value)
    })
    const messages = await call(serialize.bind({ statement: name, values: given }), serialize.execute({}))
    const [result] = parse.parseResults([...prepared.columns, ...messages], engine.parsers)
    return { rows: (result?.rows ?? []) as R[], rowCount: result?.affectedRows || (result?.rows.length ?? 0) }
  }
}
