import { expect, test } from "vitest"
import { createMaintenanceStore } from "../../../src/store/housekeeping/maintenance.ts"
import { describeStores } from "../../support/stores.ts"

const DAY_MS = 86_400_000

/** One machine's clock may be wrong, and removed rows do not come back when it is corrected. */
describeStores("rows that are expired by one clock only", (pool) => {
  const kept = async () => {
    const { rows } = await pool().query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'events'::regclass
       union all select id from faults union all select key from idempotency_keys order by name`,
    )
    return rows.map(({ name }) => name)
  }

  test.each([
    ["a dispatcher's is ahead of the store's by weeks", 0, 40],
    ["the store's is ahead of a dispatcher's by weeks", 40, 0],
  ])("stay: %s", async (_name, age, ahead) => {
    const bornMs = Date.now() - age * DAY_MS
    await createMaintenanceStore(pool(), 30).partition(bornMs)
    const values = [`row_${age}`, new Date(bornMs)]
    await pool().query(
      "insert into faults (id, app_id, platform, path, reason, item, received_at) values ($1, '', '', '', '', '', $2)",
      values,
    )
    await pool().query(
      "insert into idempotency_keys (customer_id, key, fingerprint, created_at) values ('', $1, '', $2)",
      values,
    )
    const before = await kept()
    await createMaintenanceStore(pool(), 30).expire(bornMs + ahead * DAY_MS)
    expect(await kept()).toEqual(before)
  })
})
