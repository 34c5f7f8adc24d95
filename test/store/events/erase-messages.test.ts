import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import type { Queryable } from "../../../src/store/connection/pool.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { eraseMessages } from "../../../src/store/events/erase-messages.ts"
import { eventRows } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"

describeStores("unsent messages", (pool) => {
  test("lose their content, however many and large they are, about a megabyte at a time", async () => {
    const customerId = `cus_${randomUUID()}`
    const message = (fill: string) =>
      JSON.stringify({ signature_verified: true, message: { body: fill.repeat(700_000) } })
    const rows = ["a", "b", "c", "d", "e"].map((fill) =>
      eventRows({ customerId, endpointId: "ep_none", body: message(fill) }),
    )
    for (const row of rows) await commit(pool(), row)
    const eventIds = rows.flatMap(({ events }) => events.map(({ id }) => id))
    const read: number[] = []
    await pool().transaction(async (connection) => {
      const query: Queryable["query"] = async (statement, values) => {
        const result = await connection.query(statement, values)
        read.push(JSON.stringify(result.rows).length)
        return result as never
      }
      await eraseMessages({ query }, [{ customerId, eventIds: [...eventIds, "evt_unknown"] }])
    })
    expect(Math.max(...read)).toBeLessThan(2_000_000)
    const { rows: found } = await pool().query<{ body: string }>("select body from events where customer_id = $1", [
      customerId,
    ])
    const bodies = found.map(({ body }) => JSON.parse(body).message)
    expect(bodies).toEqual(eventIds.map(() => ({ type: "text", body: "", deleted: { by: "unknown" } })))
  })
})
