import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { migrate } from "../../../src/store/connection/migrate.ts"
import { openPglite } from "../../../src/store/connection/pglite.ts"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { createVault } from "../../../src/store/directory/vault.ts"
import { createMaintenanceStore } from "../../../src/store/housekeeping/maintenance.ts"
import { createStores } from "../../../src/store/stores.ts"
import { tempDir } from "../../support/onehook.ts"
import { claimOf } from "../../support/rows.ts"

const FIRST = join(import.meta.dirname, "../../../src/store/migrations/001-initial.sql")
const LONG_AGO = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10).replaceAll("-", "")

/**
 * The data of the first version: a delivery never attempted, one that failed once, one delivered by the second attempt.
 */
const DATA = `
create table migrations (name text primary key, applied_at timestamptz not null default now());
insert into migrations (name) values ('001-initial.sql');
create table deliveries_closed_${LONG_AGO} partition of deliveries_closed for values from ('dlv_1') to ('dlv_2');
create table attempts_${LONG_AGO} partition of attempts for values from ('dlv_1') to ('dlv_2');
insert into customers (id, name) values ('cus_a', 'A');
insert into endpoints (id, customer_id, url, status, events, payload, include_raw, max_concurrency, secrets)
values ('ep_a', 'cus_a', 'https://example.com', 'active', '{}', 'full', false, 1, '[]');
insert into events (customer_id, id, day, app_id, platform, event, page_id, sender, conversation_id, received_at, body,
  compact_length)
values
  ('cus_a', 'evt_a', current_date, 'app_default', 'facebook', 'message.received', '1', '2', 'conv_fb_x', now(), '{}', 1),
  ('cus_a', 'evt_b', '1970-01-01', 'app_default', 'facebook', 'message.read', '1', '2', 'conv_fb_x', now(), '{}', 1);
insert into deliveries (customer_id, id, open, endpoint_id, event_id, event_day, event, state, attempts, due_at,
  created_at, finished_at)
values
  ('cus_a', 'dlv_1a', true, 'ep_a', 'evt_a', current_date, 'message.received', 'pending', 0, now(), now(), null),
  ('cus_a', 'dlv_1b', true, 'ep_a', 'evt_a', current_date, 'message.received', 'pending', 1, now(), now(), null),
  ('cus_a', 'dlv_1c', false, 'ep_a', 'evt_a', current_date, 'message.received', 'delivered', 2, now(), now(), now());
insert into attempts (customer_id, delivery_id, number, started_at, duration_ms, outcome, verdict, status, response)
values
  ('cus_a', 'dlv_1b', 1, now(), 3, 'response', 'retry', 500, 'oh no'),
  ('cus_a', 'dlv_1c', 1, now(), 4, 'response', 'retry', 503, 'later'),
  ('cus_a', 'dlv_1c', 2, now(), 5, 'response', 'delivered', 200, 'ok');`

const { path, remove } = tempDir()
let pool: Pool
beforeAll(async () => {
  pool = await openPglite(path)
  await pool.query(readFileSync(FIRST, "utf8"))
  await pool.query(DATA)
  await migrate(pool)
})
afterAll(async () => {
  await pool?.close()
  remove()
})

const vault = createVault([{ id: "k1", key: Buffer.alloc(32) }])

test("open deliveries are still due: retries first, then first attempts in order of arrival", async () => {
  const [claim] = await createDrainsStore(pool, () => "me", 30).claim([claimOf("ep_a")])
  expect(claim?.deliveries.map(({ id, attempts }) => ({ id, attempts }))).toEqual([
    { id: "dlv_1b", attempts: 1 },
    { id: "dlv_1a", attempts: 0 },
  ])
})

test("every delivery reads as before, with its attempts", async () => {
  const { deliveries } = createStores(pool, vault)
  const { data } = await deliveries.list("cus_a", {}, { after: null, limit: 9 })
  expect(data.map(({ id, state }) => [id, state])).toEqual([
    ["dlv_1c", "delivered"],
    ["dlv_1b", "pending"],
    ["dlv_1a", "pending"],
  ])
  const logs = await Promise.all(data.map(async ({ id }) => (await deliveries.get("cus_a", id))?.attempt_log))
  expect(
    logs.map((log) => log?.map(({ number, verdict, status, response }) => [number, verdict, status, response])),
  ).toEqual([
    [
      [1, "retry", 503, "later"],
      [2, "delivered", 200, "ok"],
    ],
    [[1, "retry", 500, "oh no"]],
    [],
  ])
})

test("every event is there, and one without a time is where no new partition has to read it", async () => {
  const text = "select id, seq::int, tableoid::regclass::text as place from events order by seq"
  expect((await pool.query(text)).rows).toEqual([
    { id: "evt_a", seq: 1, place: "events_other" },
    { id: "evt_b", seq: 2, place: "events_undated" },
  ])
})

test("finished deliveries are in the partition of their day, and are dropped with it", async () => {
  const placeOf = async () =>
    (await pool.query("select tableoid::regclass::text as place from deliveries where id = 'dlv_1c'")).rows
  expect(await placeOf()).toEqual([{ place: `deliveries_done_${LONG_AGO}` }])
  await createMaintenanceStore(pool, 30).expire(Date.now())
  expect(await placeOf()).toEqual([])
})
