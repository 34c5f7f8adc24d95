import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { firstIdAt } from "../../../src/core/event/ids.ts"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { recordResults } from "../../../src/store/deliveries/results.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { createMaintenanceStore } from "../../../src/store/housekeeping/maintenance.ts"
import { claimOf, eventRows, record } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"

const DAY_MS = 86_400_000

describeStores("maintenance", (pool) => {
  const partitions = async () => {
    const { rows } = await pool().query<{ name: string }>(
      "select inhrelid::regclass::text as name from pg_inherits order by 1",
    )
    return rows.map(({ name }) => name)
  }

  async function addEndpoint(status: "active" | "disabled") {
    const id = `ep_${randomUUID()}`
    await pool().query(`insert into customers (id, name) values ('cus_a', 'A') on conflict do nothing`)
    await pool().query(
      `insert into endpoints (id, customer_id, url, status, events, payload, include_raw, max_concurrency, secrets)
       values ($1, 'cus_a', 'https://example.com', $2, '{}', 'full', false, 1, '[]')`,
      [id, status],
    )
    return id
  }

  test("an endpoint is overdue while it has due deliveries that no dispatcher holds", async () => {
    const maintenance = createMaintenanceStore(pool(), 30)
    const drains = createDrainsStore(pool(), () => "me", 30)
    const [waiting, leased, disabled] = [
      await addEndpoint("active"),
      await addEndpoint("active"),
      await addEndpoint("disabled"),
    ]
    for (const endpointId of [waiting, leased, disabled]) await commit(pool(), eventRows({ endpointId }))
    await drains.claim([claimOf(leased)])
    const overdue = await maintenance.overdue()
    expect(
      overdue
        .filter(({ endpointId }) => [waiting, leased, disabled].includes(endpointId))
        .map(({ endpointId, leased }) => ({ endpointId, leased }))
        .sort((a, b) => Number(a.leased) - Number(b.leased)),
    ).toEqual([
      { endpointId: waiting, leased: false },
      { endpointId: leased, leased: true },
    ])
  })

  test("an endpoint with a hold is not woken, unless it was changed since", async () => {
    const maintenance = createMaintenanceStore(pool(), 30)
    const drains = createDrainsStore(pool(), () => "me", 30)
    const endpointId = await addEndpoint("active")
    await commit(pool(), eventRows({ endpointId }))
    await drains.claim([claimOf(endpointId)])
    const { rows } = await pool().query<{ updated_at: Date }>("select updated_at from endpoints where id = $1", [
      endpointId,
    ])
    const revisionMs = rows[0]?.updated_at.getTime() ?? 0
    const leased = async () => (await maintenance.overdue()).find((one) => one.endpointId === endpointId)?.leased
    await drains.release([{ endpointId, forMs: 60_000, revisionMs }])
    expect(await leased()).toBe(true)
    await pool().query("update endpoints set updated_at = now() + interval '1 s' where id = $1", [endpointId])
    expect(await leased()).toBe(false)
  })

  test("partitions are created ahead, repeatably and without dropping any, and dropped after the retention", async () => {
    const maintenance = createMaintenanceStore(pool(), 30)
    const before = await partitions()
    await maintenance.partition(Date.now())
    expect(await partitions()).toEqual(before)
    await maintenance.partition(Date.now() - 40 * DAY_MS)
    expect(await partitions()).not.toEqual(before)
    expect(await partitions()).toEqual(expect.arrayContaining(before))
    await maintenance.expire(Date.now())
    expect(await partitions()).toEqual(before)
  })

  test("partitions of other applications' tables stay", async () => {
    await pool().query(`create schema others
      create table metrics (day date not null) partition by range (day)
      create table metrics_20200101 partition of metrics for values from ('2020-01-01') to ('2020-01-02')`)
    await createMaintenanceStore(pool(), 30).expire(Date.now())
    expect(await partitions()).toContain("others.metrics_20200101")
    await pool().query("drop schema others cascade")
  })

  test("a day whose events came before its partition stays in the default one, and they are still recognized", async () => {
    const endpointId = await addEndpoint("active")
    const day = Math.floor(Date.now() / DAY_MS) + 5
    const rows = eventRows({ endpointId, day })
    await commit(pool(), rows)
    await createMaintenanceStore(pool(), 30).partition(Date.now() + 4 * DAY_MS)
    expect(await commit(pool(), eventRows({ endpointId, day, id: rows.events[0]?.id ?? "" }))).toBe(0)
    const { rows: found } = await pool().query("select tableoid::regclass::text as place from events where id = $1", [
      rows.events[0]?.id,
    ])
    expect(found).toEqual([{ place: "events_other" }])
  })

  test("finished deliveries and attempts go to the partition of their day", async () => {
    const endpointId = await addEndpoint("active")
    await createMaintenanceStore(pool(), 30).partition(Date.now())
    for (let count = 0; count < 2; count++) await commit(pool(), eventRows({ endpointId }))
    const [claim] = await createDrainsStore(pool(), () => "me", 30).claim([claimOf(endpointId)])
    const [first, second] = claim?.deliveries ?? []
    if (!first || !second) throw new Error("nothing is due")
    const failed = record(endpointId, second, { verdict: "retry", status: 500, retryInMs: 60_000 })
    await recordResults(pool(), [record(endpointId, first), failed])
    const today = new Date().toISOString().slice(0, 10).replaceAll("-", "")
    const placeOf = async (table: string, column: string, id: string) =>
      (await pool().query(`select tableoid::regclass::text as place from ${table} where ${column} = $1`, [id])).rows
    expect(await placeOf("deliveries", "id", first.id)).toEqual([{ place: `deliveries_done_${today}` }])
    expect(await placeOf("deliveries", "id", second.id)).toEqual([{ place: "deliveries_retry" }])
    expect(await placeOf("attempts", "delivery_id", second.id)).toEqual([{ place: `attempts_${today}` }])
  })

  test("deliveries that ended after their partition was dropped expire by the time when they ended", async () => {
    const endpointId = await addEndpoint("active")
    const ids = [1, 2].map((number) => firstIdAt("dlv", number * DAY_MS))
    for (const [index, age] of ["2 days", "0 days"].entries()) {
      await pool().query(
        `insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, created_at, finished_at)
         values ('cus_a', $1, 'exhausted', $2, 'evt_x', '1970-01-02', 'message.received', '1970-01-02', now() - $3::interval)`,
        [ids[index], endpointId, age],
      )
      await pool().query(
        `insert into attempts (customer_id, delivery_id, number, started_at, duration_ms, outcome, verdict)
         values ('cus_a', $1, 1, now() - $2::interval, 1, 'response', 'retry')`,
        [ids[index], age],
      )
    }
    await createMaintenanceStore(pool(), 1).expire(Date.now())
    const found = (text: string) => pool().query<{ id: string }>(text, [ids])
    expect((await found("select id from deliveries where id = any($1)")).rows).toEqual([{ id: ids[1] }])
    expect((await found("select delivery_id as id from attempts where delivery_id = any($1)")).rows).toEqual([
      { id: ids[1] },
    ])
  })

  test("deliveries that arrived while their endpoint was being deleted are canceled", async () => {
    const [kept, deleted] = [await addEndpoint("disabled"), `ep_${randomUUID()}`]
    for (const endpointId of [kept, deleted, deleted]) await commit(pool(), eventRows({ endpointId }))
    await createMaintenanceStore(pool(), 30).expire(Date.now())
    const { rows } = await pool().query(
      `select endpoint_id, stage, finished_at is not null as finished from deliveries
       where endpoint_id in ($1, $2) order by stage`,
      [kept, deleted],
    )
    const canceled = { endpoint_id: deleted, stage: "canceled", finished: true }
    expect(rows).toEqual([canceled, canceled, { endpoint_id: kept, stage: "fresh", finished: false }])
  })

  test("an Idempotency-Key is kept for a day", async () => {
    await pool().query(
      `insert into idempotency_keys (customer_id, key, fingerprint, created_at)
       values ('cus_a', 'old', '', now() - interval '24 hours 1 second'),
         ('cus_a', 'young', '', now() - interval '23 hours 59 minutes')`,
    )
    await createMaintenanceStore(pool(), 30).expire(Date.now())
    const { rows } = await pool().query("select key from idempotency_keys where customer_id = 'cus_a'")
    expect(rows).toEqual([{ key: "young" }])
  })

  test("faults are removed after the retention", async () => {
    await pool().query(
      `insert into faults (id, app_id, platform, path, reason, item, received_at)
       select 'flt_' || days, 'app_a', 'facebook', '', '', '', now() - make_interval(days => days)
       from unnest('{29, 31}'::int[]) days`,
    )
    await createMaintenanceStore(pool(), 30).expire(Date.now())
    expect((await pool().query("select id from faults where app_id = 'app_a'")).rows).toEqual([{ id: "flt_29" }])
  })

  test("if there are more deliveries to cancel than one statement cancels, none stays before new ones", async () => {
    const endpointId = await addEndpoint("active")
    await pool().query(
      `insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, created_at)
       select 'cus_a', $1 || n, 'fresh', $2, 'evt_gone', '1970-01-02', 'message.received', '1970-01-02'
       from generate_series(1, 5001) as n`,
      [firstIdAt("dlv", DAY_MS), endpointId],
    )
    await commit(pool(), eventRows({ endpointId }))
    await createMaintenanceStore(pool(), 30).expire(Date.now())
    const { rows } = await pool().query("select from deliveries where endpoint_id = $1 and stage = 'fresh'", [
      endpointId,
    ])
    expect(rows).toHaveLength(1)
  })

  test("a vacuum runs during traffic", async () => {
    await createMaintenanceStore(pool(), 30).vacuum()
  })

  test("a delivery held for longer than its event is kept is canceled; one that still has its event is not", async () => {
    const endpointId = await addEndpoint("disabled")
    const [gone, kept] = [eventRows({ endpointId }), eventRows({ endpointId })]
    const longAgo = Date.now() - 25 * 86_400_000
    for (const [index, rows] of [gone, kept].entries()) {
      const deliveries = rows.deliveries.map((row) => ({ ...row, id: firstIdAt("dlv", longAgo + index) }))
      await commit(pool(), { ...rows, deliveries })
    }
    // A replay creates new deliveries of old events.
    const replayed = eventRows({ endpointId, day: Math.floor(Date.now() / 86_400_000) - 40 })
    await commit(pool(), replayed)
    await pool().query("delete from events where id = any($1::text[])", [
      [gone, replayed].map(({ events }) => events[0]?.id),
    ])
    await createMaintenanceStore(pool(), 30).expire(Date.now())
    const text = "select event_id, stage, error from deliveries where endpoint_id = $1 order by id"
    expect((await pool().query(text, [endpointId])).rows).toEqual([
      { event_id: gone.events[0]?.id, stage: "canceled", error: "expired" },
      { event_id: kept.events[0]?.id, stage: "fresh", error: null },
      { event_id: replayed.events[0]?.id, stage: "canceled", error: "expired" },
    ])
  })
})
