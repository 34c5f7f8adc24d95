import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { recordResults } from "../../../src/store/deliveries/results.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { claimOf, eventRows, record } from "../../support/rows.ts"
import { describePostgres } from "../../support/stores.ts"
import { until } from "../../support/until.ts"

describePostgres("an endpoint that is released by one dispatcher and claimed by another", (pool) => {
  const isWaiting = async () =>
    (
      await pool().query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into drains%'",
      )
    ).rows.length > 0

  test("includes nothing that was delivered while the other one was claiming it", async () => {
    const [busy, released] = [`ep_1_${randomUUID()}`, `ep_2_${randomUUID()}`]
    const [one, other] = [createDrainsStore(pool(), () => "one", 30), createDrainsStore(pool(), () => "other", 30)]
    await commit(pool(), eventRows({ endpointId: released }))
    const [, claim] = await one.claim([claimOf(busy), claimOf(released)])
    const [delivery] = claim?.deliveries ?? []
    if (!delivery) throw new Error("nothing is due")
    let claiming: ReturnType<typeof other.claim> | undefined
    await pool().transaction(async (connection) => {
      // Locks the lease for a moment, as a renewal does.
      await connection.query("update drains set expires_at = expires_at where endpoint_id = $1", [busy])
      claiming = other.claim([claimOf(busy), claimOf(released)])
      await until(isWaiting, "the other dispatcher to wait")
      await recordResults(pool(), [record(released, delivery)])
      await one.release([{ endpointId: released, forMs: 0, revisionMs: 0 }])
    })
    expect((await claiming)?.[1]?.deliveries).toEqual([])
    await commit(pool(), eventRows({ endpointId: released }))
    expect((await other.claim([claimOf(released)]))[0]?.deliveries).toHaveLength(1)
  })
})
