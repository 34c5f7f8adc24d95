import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { commit } from "../../src/store/commit.ts"
import { createDrainsStore } from "../../src/store/drains.ts"
import { claimOf, eventRows } from "../support/rows.ts"
import { describeStores } from "../support/stores.ts"

describeStores("a claim", (pool) => {
  test("gives each customer its own copy of an event that concerns two, though both go out by one claim", async () => {
    const id = `evt_${randomUUID()}`
    const customers = ["a", "b"].map((body) => ({
      body,
      customerId: `cus_${randomUUID()}`,
      endpointId: `ep_${randomUUID()}`,
    }))
    for (const customer of customers) await commit(pool(), eventRows({ ...customer, id }))
    const claims = await createDrainsStore(pool(), "me", 30).claim(
      customers.map(({ endpointId }) => claimOf(endpointId)),
    )
    expect(claims.map(({ deliveries }) => deliveries.map(({ customerId, body }) => ({ customerId, body })))).toEqual(
      customers.map(({ customerId, body }) => [{ customerId, body }]),
    )
  })
})
