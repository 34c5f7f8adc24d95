import { expect, test } from "vitest"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { addCustomer, useGateways } from "../../support/gateways.ts"
import { text } from "../../support/messenger.ts"
import { describeStores } from "../../support/stores.ts"

/** With a delivery each, more than fits into one commit. */
const ITEMS = 10_010

/** A store whose connection is lost at the second commit, once. */
function failing(pool: Pool): Pool {
  let commits = 0
  const query: Pool["query"] = async (statement, values) => {
    if (typeof statement === "object" && statement.name.startsWith("commit_")) commits += 1
    if (commits === 2) {
      commits += 1
      throw new Error("the connection is lost")
    }
    return pool.commits.query(statement, values)
  }
  return { ...pool, commits: { ...pool.commits, query } }
}

describeStores("a webhook with more events than fit into one commit", (pool) => {
  const startGateway = useGateways(pool)

  test("that was stored in part is complete, each event once and in order, after Meta sends it again", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const gateway = await startGateway(failing(pool()))
    const bodies = Array.from({ length: ITEMS }, (_, number) => text(customer.pageId, "4000", String(number)))
    const webhook = { object: "page", entry: bodies.flatMap(({ entry }) => entry) }
    await expect(gateway.post("facebook", webhook)).rejects.toThrow("the connection is lost")
    const kept = (await customer.events()).length
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(ITEMS)
    await gateway.post("facebook", webhook)
    const [started, ...messages] = await customer.events()
    expect(started?.event).toBe("conversation.started")
    expect(messages.map(({ message }) => Number(message?.body))).toEqual(bodies.map((_, number) => number))
    expect(await customer.delivered()).toHaveLength(1 + ITEMS)
  })
})
