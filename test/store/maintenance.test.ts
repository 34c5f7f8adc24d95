import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { commit } from "../../src/store/commit.ts"
import { createDrainsStore } from "../../src/store/drains.ts"
import { createMaintenanceStore } from "../../src/store/maintenance.ts"
import { recordResults } from "../../src/store/results.ts"
import { eventRows, record } from "../support/rows.ts"
import { describeStores } from "../support/stores.ts"

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

  test("an endpoint is overdue while it has something due that nobody has in hand", async () => {
    const maintenance = createMaintenanceStore(pool(), 30)
    const drains = createDrainsStore(pool(), "me", 30)
    const [waiting, leased, disabled] = [
      await addEndpoint("active"),
      await addEndpoint("active"),
      await addEndpoint("disabled"),
    ]
    for (const endpointId of [waiting, leased, disabled]) await commit(pool(), eventRows({ endpointId }))
    await drains.claim([{ endpointId: leased, limit: 9, held: [] }])
    const overdue = await maintenance.overdue()
    expect(
      overdue
        .map(({ endpointId, leased }) => ({ endpointId, leased }))
        .sort((a, b) => Number(a.leased) - Number(b.leased)),
    ).toEqual([
      { endpointId: waiting, leased: false },
      { endpointId: leased, leased: true },
    ])
  })

  test("partitions are made ahead, dropped behind the retention, and making them again changes nothing", async () => {
    const maintenance = createMaintenanceStore(pool(), 30)
    const before = await partitions()
    await maintenance.partition(Date.now())
    expect(await partitions()).toEqual(before)
    await maintenance.partition(Date.now() + 40 * DAY_MS)
    const after = await partitions()
    expect(after.filter((name) => before.includes(name)).sort()).toEqual(
      ["attempts_other", "deliveries_closed", "deliveries_closed_other", "deliveries_open", "events_other"]
        .concat(before.filter((name) => /_due|_pkey|_idx|_key/.test(name) && after.includes(name)))
        .sort(),
    )
  })

  test("finished deliveries and attempts go to the partition of their day", async () => {
    const endpointId = await addEndpoint("active")
    await createMaintenanceStore(pool(), 30).partition(Date.now())
    await commit(pool(), eventRows({ endpointId }))
    const [claim] = await createDrainsStore(pool(), "me", 30).claim([{ endpointId, limit: 9, held: [] }])
    await recordResults(
      pool(),
      (claim?.deliveries ?? []).map((delivery) => record(delivery)),
    )
    const today = new Date().toISOString().slice(0, 10).replaceAll("-", "")
    const { rows } = await pool().query(
      `select d.tableoid::regclass::text as delivery, a.tableoid::regclass::text as attempt
       from deliveries d join attempts a on a.delivery_id = d.id where d.endpoint_id = $1`,
      [endpointId],
    )
    expect(rows).toEqual([{ delivery: `deliveries_closed_${today}`, attempt: `attempts_${today}` }])
  })

  test("a vacuum runs beside the traffic", async () => {
    await createMaintenanceStore(pool(), 30).vacuum()
  })
})
