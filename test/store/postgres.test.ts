import { describe, expect, inject, test } from "vitest"
import { openPool } from "../../src/store/open.ts"
import { until } from "../support/until.ts"

describe.skipIf(inject("postgresUrl") === null)("a transaction on Postgres", () => {
  test("fails alone when its connection is lost between two statements", async () => {
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
