import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { recordResults } from "../../../src/store/deliveries/results.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { claimOf, eventRows, record } from "../../support/rows.ts"
import { describePostgres } from "../../support/stores.ts"
import { until } from "../../support/until.ts"

describePostgres("an endpoint that goes from one dispatcher to another", (pool) => {
  const isWaiting = async () =>
    (
      await pool().query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into drains%'",
      )
    ).rows.length > 0

  test("brings nothing along that was delivered while the other one asked for it", async () => {
    const [busy, handedOn] = [`ep_1_${randomUUID()}`, `ep_2_${randomUUID()}`]
    const [one, other] = [createDrainsStore(pool(), "one", 30), createDrainsStore(pool(), "other", 30)]
    await commit(pool(), eventRows({ endpointId: handedOn }))
    const [, claim] = await one.claim([claimOf(busy), claimOf(handedOn)])
    const [delivery] = claim?.deliveries ?? []
    if (!delivery) throw new Error("nothing is due")
    let asking: ReturnType<typeof other.claim> | undefined
    await pool().transaction(async (connection) => {
      // As a renewal does, for a moment.
      await connection.query("update drains set expires_at = expires_at where endpoint_id = $1", [busy])
      asking = other.claim([claimOf(busy), claimOf(handedOn)])
      await until(isWaiting, "the other one to wait")
      await recordResults(pool(), [record(handedOn, delivery)])
      await one.release([{ endpointId: handedOn, forMs: 0, revisionMs: 0 }])
    })
    expect((await asking)?.[1]?.deliveries).toEqual([])
    await commit(pool(), eventRows({ endpointId: handedOn }))
    expect((await other.claim([claimOf(handedOn)]))[0]?.deliveries).toHaveLength(1)
  })
})
