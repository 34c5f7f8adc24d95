import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { commit } from "../../src/store/commit.ts"
import { createDrainsStore } from "../../src/store/drains.ts"
import { KEYED_LOOKUPS } from "../../src/store/planner.ts"
import type { Queryable } from "../../src/store/pool.ts"
import { recordResults } from "../../src/store/results.ts"
import { eventRows, newId, record } from "../support/rows.ts"
import { describeStores } from "../support/stores.ts"

const BACKLOG = 2_000

describeStores("plans that were made while the tables were empty", (pool) => {
  const READ = `select coalesce(sum(idx_tup_fetch + seq_tup_read), 0)::int as rows from pg_stat_xact_all_tables
    where relname in ('deliveries_fresh', 'deliveries_retry')`

  /** How many rows of open deliveries the work reads. */
  async function rowsRead(connection: Queryable, work: () => Promise<unknown>): Promise<number> {
    const rows = async () => (await connection.query<{ rows: number }>(READ)).rows[0]?.rows ?? 0
    const before = await rows()
    await work()
    return (await rows()) - before
  }

  async function fill(connection: Queryable, stage: "fresh" | "retry", endpointId: string) {
    await connection.query(
      `insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, created_at, due_at)
       select 'cus_a', 'dlv_' || n, $1, $2, 'evt_' || n, current_date, 'message.received', now(), now()
       from generate_series(1, ${BACKLOG}) n`,
      [stage, endpointId],
    )
  }

  test.each(["fresh", "retry"] as const)("read single rows when the others are full: %s", async (stage) => {
    for (const table of ["deliveries_fresh", "deliveries_retry"]) await pool().query(`vacuum (analyze) ${table}`)
    await pool().transaction(async (connection) => {
      for (const setting of KEYED_LOOKUPS) await connection.query(`set local ${setting}`)
      const store = { query: connection.query.bind(connection), transaction: pool().transaction }
      const drains = createDrainsStore(connection, "me", 30)
      const once = async () => {
        const endpointId = `ep_${randomUUID()}`
        await commit(store, eventRows({ endpointId }))
        const [claim] = await drains.claim([{ endpointId, limit: 9, replays: 9, held: [newId("dlv")] }])
        const [delivery] = claim?.deliveries ?? []
        if (!delivery) throw new Error("nothing is due")
        await recordResults(connection, [record(endpointId, delivery, { verdict: "retry", status: 500, retryInMs: 0 })])
        await recordResults(connection, [record(endpointId, { ...delivery, attempts: 1 })])
        await drains.release([{ endpointId, forMs: 0, revisionMs: 0 }])
      }
      await once()
      // One of the backlogs sorts before what is looked up, the other after it.
      await fill(connection, stage, "ep_")
      await fill(connection, stage, "ep_z")
      expect(await rowsRead(connection, once)).toBeLessThan(20)
      await connection.query("delete from deliveries where customer_id = 'cus_a'")
    })
  })
})
