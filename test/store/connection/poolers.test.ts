import { randomUUID } from "node:crypto"
import { afterEach, describe, expect, inject, it } from "vitest"
import { createDatabase, dropDatabase } from "../../../bench/support/postgres.ts"
import { openPool } from "../../../src/store/connection/open.ts"
import type { Queryable } from "../../../src/store/connection/pool.ts"
import { pgbouncer, startPgbouncer } from "../../support/pgbouncer.ts"

const adminUrl = inject("postgresUrl")

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function behind(mode: "session" | "transaction", settings?: string) {
  const name = `pooled_${randomUUID().replaceAll("-", "")}`
  const url = await createDatabase(adminUrl ?? "", name)
  closers.push(() => dropDatabase(adminUrl ?? "", name))
  const pooler = await startPgbouncer(url, mode, settings)
  closers.push(pooler.stop)
  const pool = await openPool({ kind: "postgres", url: pooler.url }, () => {})
  closers.push(() => pool.close())
  return pool
}

describe.skipIf(adminUrl === null || pgbouncer === null)("behind pgbouncer", () => {
  it.each(["", "server_round_robin = 1", "default_pool_size = 1"])(
    "transaction mode is refused at the start, not waited for (%s)",
    async (settings) => {
      const pool = await behind("transaction", settings)
      const refused = await pool.check().catch((error: unknown) => error)
      expect(refused).toMatchObject({ heals: false, message: expect.stringContaining("a pooler in transaction mode") })
    },
  )

  it("session mode is used, with the settings of every pool", async () => {
    const pool = await behind("session")
    await pool.check()
    const read = async (queryable: Queryable, name: string) =>
      (await queryable.query<{ value: string }>("select current_setting($1) as value", [name])).rows[0]?.value
    const queuePool = (await pool.queuePool()) as Queryable
    expect({
      relaxed: [await read(pool.relaxed, "enable_seqscan"), await read(pool.relaxed, "synchronous_commit")],
      commits: [await read(pool.commits, "enable_seqscan"), await read(pool.commits, "synchronous_commit")],
      general: [await read(pool, "statement_timeout"), await read(pool, "enable_seqscan")],
      queue: await read(queuePool, "search_path"),
    }).toEqual({ relaxed: ["off", "off"], commits: ["off", "on"], general: ["15s", "on"], queue: "bullmq" })
  })

  it("session mode delivers notifications", async () => {
    const pool = await behind("session")
    const told = Promise.withResolvers<string>()
    const listener = await pool.listen("news", told.resolve, () => {})
    await pool.query("select pg_notify('news', 'hello')")
    expect(await told.promise).toBe("hello")
    await listener.close()
  })
})
