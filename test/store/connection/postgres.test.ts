import { describe, expect, inject, test } from "vitest"
import { openPool } from "../../../src/store/connection/open.ts"
import type { Queryable } from "../../../src/store/connection/pool.ts"
import { isBroken } from "../../../src/store/connection/postgres.ts"
import { until } from "../../support/until.ts"

describe.skipIf(inject("postgresUrl") === null)("a transaction on Postgres", () => {
  test("fails when its connection is lost between two statements, and nothing else does", async () => {
    const errors: Error[] = []
    const pool = await openPool({ kind: "postgres", url: inject("postgresUrl") ?? "" }, (error) => errors.push(error))
    const lost = pool.transaction(async (connection) => {
      const { rows } = await connection.query<{ pid: number }>("select pg_backend_pid() as pid")
      await pool.query("select pg_terminate_backend($1)", [rows[0]?.pid])
      await until(() => errors.length > 0, "the connection to be lost")
      await connection.query("select 1")
    })
    await expect(lost).rejects.toThrow()
    expect(await pool.transaction(async (connection) => (await connection.query("select 1")).rowCount)).toBe(1)
    await pool.close()
  })
})

describe.skipIf(inject("postgresUrl") === null)("a Postgres", () => {
  const url = inject("postgresUrl") ?? ""
  const failureOf = async (of: string, text: string) => {
    const pool = await openPool({ kind: "postgres", url: of }, () => {})
    const failure = await pool.query(text).catch((error) => error)
    await pool.close()
    return failure
  }

  test("that has no connection left or became read-only counts as unavailable, so the statement can be repeated", async () => {
    await failureOf(url, "create role crowded login connection limit 0")
    await failureOf(url, "create role reader login")
    await failureOf(url, "alter role reader set default_transaction_read_only = on")
    const as = (role: string) => Object.assign(new URL(url), { username: role }).href
    const failures = [
      await failureOf(as("crowded"), "select 1"),
      await failureOf(as("reader"), "create table never (id int)"),
    ]
    expect(failures.map(({ code }) => code)).toEqual(["53300", "25006"])
    expect(failures.map(isBroken)).toEqual([true, true])
  })

  test("with another date style is understood on every connection", async () => {
    await failureOf(url, "create role tester login superuser")
    await failureOf(url, "alter role tester set datestyle = 'SQL, DMY'")
    const as = Object.assign(new URL(url), { username: "tester" }).href
    const pool = await openPool({ kind: "postgres", url: as }, () => {})
    const queuePool = (await pool.queuePool()) as Queryable
    const text = "select timestamptz '2026-11-05T00:00:00Z' as time"
    const read = async (queryable: Queryable) => (await queryable.query<{ time: Date }>(text)).rows[0]?.time
    const times = [pool, pool.relaxed, pool.commits, queuePool].map(read)
    expect(await Promise.all(times)).toEqual(times.map(() => new Date("2026-11-05T00:00:00Z")))
    await pool.close()
  })

  test("that refuses a statement for its content counts as available, so the statement is not repeated", async () => {
    const refused = [await failureOf(url, "select 1 / 0"), await failureOf(url, "select * from nothing_there")]
    expect(refused.map(({ code }) => code)).toEqual(["22012", "42P01"])
    expect(refused.map(isBroken)).toEqual([false, false])
  })
})
