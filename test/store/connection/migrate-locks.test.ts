import { expect, test } from "vitest"
import { migrate } from "../../../src/store/connection/migrate.ts"
import { describePostgres } from "../../support/stores.ts"
import { until } from "../../support/until.ts"

/** A statement that waits for an exclusive lock blocks all later ones, and a backup reads for hours. */
describePostgres("a migration while a long read is running", (pool) => {
  test("waits for the reader, and blocks nobody", async () => {
    await pool().query("alter table endpoints drop column max_rate")
    await pool().query("alter table drains drop column held_until, drop column held_revision_ms")
    await pool().query("delete from migrations where name = '004-limits.sql'")
    const waiting =
      "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%alter table endpoints%' and pid <> pg_backend_pid()"
    const said: unknown[] = []
    let migrating: Promise<void> | undefined
    await pool().transaction(async (reader) => {
      await reader.query("select from endpoints limit 1")
      migrating = migrate(pool(), (error) => said.push(error))
      await until(async () => (await pool().query(waiting)).rows.length > 0, "the wait for the reader")
      await pool().query("select from endpoints limit 1")
      await until(() => said.length > 0, "it to be said")
    })
    await migrating
    expect(said[0]).toMatchObject({ code: "55P03" })
    expect((await pool().query("select max_rate from endpoints")).rows).toEqual([])
  })
})
