import { expect, test } from "vitest"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { addCustomer, useGateways } from "../../support/gateways.ts"
import { text } from "../../support/messenger.ts"
import { describeStores } from "../../support/stores.ts"

const MB = 1024 * 1024

/** A store that records the parameters' size of each commit. */
function measured(pool: Pool) {
  const sizes: number[] = []
  const query: Pool["query"] = (statement, values) => {
    if (typeof statement === "object" && statement.name.startsWith("commit_")) {
      sizes.push((statement.values ?? []).reduce<number>((sum, value) => sum + (value as Buffer).length, 0))
    }
    return pool.commits.query(statement, values)
  }
  return { sizes, pool: { ...pool, commits: { ...pool.commits, query } } }
}

describeStores("commits of large content", (pool) => {
  const startGateway = useGateways(pool)

  test("large webhooks that arrive together are written once each, in statements of some megabytes", async () => {
    const store = measured(pool())
    const customer = await addCustomer(pool(), "facebook")
    const gateway = await startGateway(store.pool)
    const big = "x".repeat(3 * MB)
    const posted = Array.from({ length: 12 }, (_, number) =>
      gateway.post("facebook", text(customer.pageId, `30${number}`, big)),
    )
    await Promise.all(posted)
    expect((await customer.events()).filter(({ message }) => message?.body === big)).toHaveLength(12)
    expect(Math.max(...store.sizes)).toBeLessThan(9 * MB)
  })
})
