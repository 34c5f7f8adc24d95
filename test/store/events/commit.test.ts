import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { mergeRows } from "../../../src/ingest/merge-rows.ts"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { claimOf, eventRows } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"

describeStores("a commit", (pool) => {
  test("of an event that comes twice at once, with two times, reaches the endpoints of either copy", async () => {
    const endpointIds = [`ep_${randomUUID()}`, `ep_${randomUUID()}`]
    const id = `evt_${randomUUID()}`
    await commit(pool(), mergeRows(endpointIds.map((endpointId, day) => eventRows({ endpointId, id, day }))))
    const asked = endpointIds.map((endpointId) => claimOf(endpointId))
    const claims = await createDrainsStore(pool(), "me", 30).claim(asked)
    expect(claims.map(({ deliveries }) => deliveries.map(({ eventId }) => eventId))).toEqual([[id], [id]])
  })
})
