import { expect, test } from "vitest"

type AppOwner = string | null

import { createVault } from "../../../src/store/directory/vault.ts"
import { createStores } from "../../../src/store/stores.ts"
import { fixtures } from "../../platforms/support/fixtures.ts"
import { addCustomer, type Platform, useGateways } from "../../support/gateways.ts"
import { newId } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"

const vault = createVault([{ id: "k1", key: new Uint8Array(32).fill(7) }])

/** Every body of a fixture that is nothing but a sample of Meta's dashboard. */
const samples = fixtures
  .filter(
    ({ expected }) =>
      expected.length > 0 && expected.every((event) => (event as { event: string }).event === "webhook.test"),
  )
  .map(({ name, platform, body }) => [name, platform as Platform, body] as const)

describeStores("the samples of Meta's dashboard", (pool) => {
  const start = useGateways(pool)

  async function addApp(owner: AppOwner) {
    const id = newId("app")
    await createStores(pool(), vault).apps.create(
      { id, owner, name: "", meta_app_id: null, secrets: ["s"], verify_token: "t" },
      10,
    )
    return id
  }

  const unrouted = async (appId: string) => {
    const { rows } = await pool().query<{ events: string; test_events: string }>(
      "select events, test_events from unrouted_pages where app_id = $1",
      [appId],
    )
    return rows.map(({ events, test_events }) => [Number(events), Number(test_events)])
  }

  test("are known of all three platforms", () => {
    expect(new Set(samples.map(([, platform]) => platform))).toEqual(new Set(["facebook", "instagram", "whatsapp"]))
  })

  test.each(samples)(
    "%s reaches the endpoint of the app's customer that names webhook.test",
    async (_, platform, body) => {
      const customer = await addCustomer(pool(), platform, ["webhook.test"], { page_ids: ["1"] })
      const other = await addCustomer(pool(), platform, ["webhook.test"])
      const appId = await addApp(customer.id)
      const gateway = await start()
      await gateway.post(platform, body, appId)
      expect(new Set(await customer.delivered())).toEqual(new Set(["webhook.test"]))
      expect(await other.events()).toEqual([])
      expect(await unrouted(appId)).toEqual([])
      expect(await customer.list()).toEqual([])
    },
  )

  test.each(samples)(
    "%s is nobody's on an app of the operator's, who is shown it as a sample",
    async (_, platform, body) => {
      const customer = await addCustomer(pool(), platform, ["webhook.test"])
      const appId = await addApp(null)
      const gateway = await start()
      await gateway.post(platform, body, appId)
      expect(await customer.events()).toEqual([])
      const [[events, testEvents] = [], ...others] = await unrouted(appId)
      expect(others).toEqual([])
      expect(events).toBeGreaterThan(0)
      expect(testEvents).toBe(events)
    },
  )

  test("reach no endpoint that does not name them, and what is no sample has no owner by the app", async () => {
    const [name, platform, body] = samples.find(([each]) => each === "whatsapp/dashboard-test-messages") ?? []
    if (name === undefined || platform === undefined) throw new Error("no sample")
    const customer = await addCustomer(pool(), platform, ["*"])
    const appId = await addApp(customer.id)
    const gateway = await start()
    await gateway.post(platform, body, appId)
    expect(await customer.delivered()).toEqual([])
    const real = JSON.parse(JSON.stringify(body).replaceAll("123456123", "109620000005922"))
    await gateway.post(platform, real, appId)
    expect((await customer.events()).map(({ event }) => event)).toEqual(["webhook.test"])
    expect(await unrouted(appId)).toEqual([[1, 0]])
  })
})
