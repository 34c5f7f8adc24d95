import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { readContent } from "../../../src/store/events/content.ts"
import { claimOf, eventRows } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"

describeStores("a claim", (pool) => {
  test("returns each customer's own copy of an event of two customers, even if one claim returns both", async () => {
    const id = `evt_${randomUUID()}`
    const customers = ["a", "b"].map((body) => ({
      body,
      customerId: `cus_${randomUUID()}`,
      endpointId: `ep_${randomUUID()}`,
    }))
    for (const customer of customers) await commit(pool(), eventRows({ ...customer, id }))
    const claims = await createDrainsStore(pool(), () => "me", 30).claim(
      customers.map(({ endpointId }) => claimOf(endpointId)),
    )
    expect(claims.map(({ deliveries }) => deliveries.map(({ customerId, body }) => ({ customerId, body })))).toEqual(
      customers.map(({ customerId, body }) => [{ customerId, body }]),
    )
  })

  test("leaves out the content of a big event, which is read when it is sent", async () => {
    const endpointId = `ep_${randomUUID()}`
    const bodies = ["x".repeat(16_384), "ж".repeat(8_193)]
    for (const body of bodies) await commit(pool(), eventRows({ endpointId, body }))
    const [claim] = await createDrainsStore(pool(), () => "me", 30).claim([claimOf(endpointId)])
    const [small, big] = claim?.deliveries ?? []
    expect(small).toMatchObject({ body: bodies[0], big: null })
    expect(big).toMatchObject({ body: "", raw: null, big: { bytes: 16_386 } })
    expect(big && (await readContent(pool(), big, true))).toEqual({ body: bodies[1], compactLength: 1, raw: null })
  })

  test("counts the raw item as content, which is read only if it is wanted", async () => {
    const endpointId = `ep_${randomUUID()}`
    const rows = eventRows({ endpointId, body: "{}" })
    const raw = JSON.stringify("x".repeat(16_384))
    await commit(pool(), { ...rows, events: rows.events.map((event) => Object.assign(event, { raw })) })
    const [claim] = await createDrainsStore(pool(), () => "me", 30).claim([claimOf(endpointId)])
    const [big] = claim?.deliveries ?? []
    expect(big?.big?.bytes).toBe(raw.length + 2)
    if (!big) return
    expect(await readContent(pool(), big, true)).toEqual({ body: "{}", compactLength: 1, raw })
    expect(await readContent(pool(), big, false)).toEqual({ body: "{}", compactLength: 1, raw: null })
    await pool().query("delete from events where id = $1", [big.eventId])
    expect(await readContent(pool(), big, true)).toBeNull()
  })
})
