import { expect, test } from "vitest"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { removeExpired } from "../../../src/store/housekeeping/remove-expired.ts"
import { describeStores } from "../../support/stores.ts"

const MANY = 12_000

describeStores("expired rows", (pool) => {
  test.each([
    [
      "faults",
      `insert into faults (id, app_id, platform, path, reason, item, received_at)
       select 'flt_' || n, 'app_default', 'facebook', '', '', '', now() - n * interval '1 hour' - interval '30 days'
       from generate_series(-1, ${MANY}) n`,
    ],
    [
      "unrouted_pages",
      `insert into unrouted_pages (app_id, platform, page_id, events, first_seen_at, last_seen_at)
       select 'app_default', 'facebook', 'p' || n, 1, now(), now() - n * interval '1 hour' - interval '30 days'
       from generate_series(-1, ${MANY}) n`,
    ],
    [
      "audit_log",
      `insert into audit_log (id, at, actor, key_name, address, operation, fields)
       select 'aud_' || n, now() - n * interval '1 hour' - interval '30 days', 'operator', '', '', '', '{}'
       from generate_series(-1, ${MANY}) n`,
    ],
    [
      "idempotency_keys",
      `insert into idempotency_keys (customer_id, key, fingerprint, created_at)
       select 'cus_a', n, '', now() - n * interval '1 hour' - interval '1 day'
       from generate_series(-1, ${MANY}) n`,
    ],
  ])("are removed in batches, however many there are: %s", async (table, fill) => {
    await pool().query(fill)
    const removed: number[] = []
    const counting: Pool = {
      ...pool(),
      async query(statement, values) {
        const result = await pool().query(statement, values)
        if (String(statement).includes(`delete from ${table}`)) removed.push(result.rowCount ?? 0)
        return result as never
      },
    }
    await removeExpired(counting, { events: 30, rest: 30 }, Date.now())
    expect(Math.max(...removed)).toBe(5_000)
    const { rows } = await pool().query<{ left: number }>(`select count(*)::int as left from ${table}`)
    expect(rows[0]?.left).toBe(1)
  })

  test("a connection that is still pending after seven days is removed, an active one is not", async () => {
    await pool().query("insert into customers (id, name) values ('cus_claims', 'Claims')")
    await pool().query(
      `insert into connections (id, customer_id, app_id, platform, page_id, status, created_at) values
         ('con_old', 'cus_claims', 'app_default', 'facebook', '1', 'pending', now() - interval '8 days'),
         ('con_new', 'cus_claims', 'app_default', 'facebook', '2', 'pending', now() - interval '6 days'),
         ('con_active', 'cus_claims', 'app_default', 'facebook', '3', 'active', now() - interval '8 days')`,
    )
    await removeExpired(pool(), { events: 30, rest: 30 }, Date.now())
    const { rows } = await pool().query<{ id: string }>("select id from connections order by id")
    expect(rows.map(({ id }) => id)).toEqual(["con_active", "con_new"])
  })
})
