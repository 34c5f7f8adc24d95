import { randomUUID } from "node:crypto"
import { expect, inject, onTestFinished, test } from "vitest"
import { createDatabase, dropDatabase } from "../../bench/support/postgres.ts"
import { freeze } from "../../bench/support/processes.ts"
import { findRedis, startRedis } from "../../bench/support/redis.ts"
import { installation } from "../support/installation.ts"
import { addTenant, messengerText, postWebhook } from "../support/onehook.ts"
import { startReceiver } from "../support/receiver.ts"
import { until } from "../support/until.ts"

const adminUrl = inject("postgresUrl")
const WEBHOOKS = 5

test.skipIf(adminUrl === null || findRedis() === null)(
  "while Redis hangs, the sweeper takes over delivery; after recovery the queue does",
  async () => {
    const database = `e2e_${randomUUID().replaceAll("-", "")}`
    const redis = await startRedis()
    onTestFinished(redis.stop)
    const receiver = await startReceiver()
    onTestFinished(receiver.close)
    const url = await createDatabase(adminUrl ?? "", database)
    const env = { DATABASE_URL: url, REDIS_URL: redis.url }
    const installed = installation(env, () => dropDatabase(adminUrl ?? "", database))
    onTestFinished(installed.remove)
    const [gateway, dispatcher] = await Promise.all([installed.startRole("gateway"), installed.startRole("dispatcher")])
    const add = () => addTenant(gateway.url, { url: receiver.url })
    const [first, tenant] = [await add(), await add()]
    const post = async (mid: string, { pageId } = tenant) => {
      expect((await postWebhook(gateway.url, messengerText(pageId, mid))).status).toBe(200)
    }
    const queueIs = async (state: string) => {
      const ready = await Promise.all([gateway, dispatcher].map((one) => fetch(`${one.url}/readyz`)))
      const answers = (await Promise.all(ready.map((one) => one.json()))) as { queue: string }[]
      return answers.every(({ queue }) => queue === state)
    }
    await post("m_before", first)
    await receiver.get()

    const thaw = freeze(redis.pid)
    onTestFinished(thaw)
    for (let number = 0; number < WEBHOOKS; number++) await post(`m_hung_${number}`)
    await until(() => receiver.requests.length === 1 + WEBHOOKS, "what came while Redis hung")
    await until(() => queueIs("unreachable"), "both to say so")
    expect(dispatcher.output()).toContain("wake queue unavailable")
    // Customers' requests are counted in Redis, and are answered without it.
    await tenant.call("GET", "/v1/events")

    thaw()
    await until(() => queueIs("ok"), "both to have the queue again")
    await post("m_after")
    await receiver.get(({ body }) => body.includes("m_after"))
    expect(receiver.requests).toHaveLength(2 + WEBHOOKS)
  },
  60_000,
)
