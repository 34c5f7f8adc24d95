import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { mergeRows } from "../../../src/ingest/merge-rows.ts"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { claimOf, eventRows } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"

describeStores("a commit", (pool) => {
  test("of two copies of an event with different times creates deliveries for the endpoints of both", async () => {
    const endpointIds = [`ep_${randomUUID()}`, `ep_${randomUUID()}`]
    const id = `evt_${randomUUID()}`
    await commit(pool(), mergeRows(endpointIds.map((endpointId, day) => eventRows({ endpointId, id, day }))))
    const requests = endpointIds.map((endpointId) => claimOf(endpointId))
    const claims = await createDrainsStore(pool(), () => "me", 30).claim(requests)
    expect(claims.map(({ deliveries }) => deliveries.map(({ eventId }) => eventId))).toEqual([[id], [id]])
  })
})
