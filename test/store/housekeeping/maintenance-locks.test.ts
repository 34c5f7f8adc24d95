import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { commit } from "../../../src/store/events/commit.ts"
import { createMaintenanceStore } from "../../../src/store/housekeeping/maintenance.ts"
import { eventRows } from "../../support/rows.ts"
import { describePostgres } from "../../support/stores.ts"
import { until } from "../../support/until.ts"

/**
 * A statement that waits for an exclusive lock on a partitioned table blocks all later ones; a backup reads for hours.
 */
describePostgres("maintenance while a long read is running", (pool) => {
  const webhook = () => commit(pool(), eventRows({ endpointId: `ep_${randomUUID()}` }))
  const waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and query like $1"
  const isWaiting = async (query: string) => (await pool().query(waiting, [query])).rows.length > 0

  test.each([
    ["dropped", "drop table if exists events%", () => createMaintenanceStore(pool(), 30).expire(Date.now())],
    [
      "created",
      "create table events%",
      () => createMaintenanceStore(pool(), 30).partition(Date.now() + 9 * 86_400_000),
    ],
  ])("no partition is %s, and webhooks are still stored", async (_name, statement, work) => {
    await pool().query(
      "create table if not exists events_20200101 partition of events for values from ('2020-01-01') to ('2020-01-02')",
    )
    await pool().transaction(async (reader) => {
      await reader.query("select from events limit 1")
      const working = expect(work()).rejects.toMatchObject({ code: "55P03" })
      await until(() => isWaiting(statement), "the wait for the reader")
      expect(await webhook()).toBe(1)
      await working
    })
    await work()
  })

  test("partitions are dropped one by one, since each drop takes locks and a server's are limited", async () => {
    for (const day of [1, 2]) {
      await pool().query(
        `create table events_2019010${day} partition of events for values from ('2019-01-0${day}') to ('2019-01-0${day + 1}')`,
      )
    }
    const left = async () => {
      const { rows } = await pool().query("select relname from pg_class where relname ~ '^events_2019....$'")
      return rows.map(({ relname }) => relname)
    }
    await pool().transaction(async (reader) => {
      await reader.query("select from events_20190102")
      await expect(createMaintenanceStore(pool(), 30).expire(Date.now())).rejects.toMatchObject({ code: "55P03" })
    })
    expect(await left()).toEqual(["events_20190102"])
    await createMaintenanceStore(pool(), 30).expire(Date.now())
    expect(await left()).toEqual([])
  })

  test("expired rows are removed even if no partition can be dropped", async () => {
    await pool().query(
      "create table if not exists events_20200101 partition of events for values from ('2020-01-01') to ('2020-01-02')",
    )
    await pool().query(
      "insert into idempotency_keys (customer_id, key, fingerprint, created_at) values ('cus_a', 'k', '', now() - interval '3 days')",
    )
    await pool().transaction(async (reader) => {
      await reader.query("select from events limit 1")
      await expect(createMaintenanceStore(pool(), 30).expire(Date.now())).rejects.toMatchObject({ code: "55P03" })
    })
    expect((await pool().query("select from idempotency_keys")).rows).toEqual([])
  })
})
