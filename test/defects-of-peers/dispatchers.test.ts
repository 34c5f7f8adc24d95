import { setTimeout as delay } from "node:timers/promises"
import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createClosers } from "../../bench/support/processes.ts"
import { startRedis } from "../../bench/support/redis.ts"
import { startSentinels } from "../faults/sentinels.ts"
import { addTenant, type Instance, messengerText, postWebhook } from "../support/onehook.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const LEASE_MS = 10_000
const BATCH = 8
/** Sent one at a time, the batch takes longer than a lease. */
const ANSWERS_AFTER_MS = (LEASE_MS / BATCH) * 1.2

describeSizes(
  "defects of peers, in dispatchers",
  (size) => {
    let installation: Installation
    let receiver: Receiver
    const closers = createClosers()
    const redis = async (settings?: Record<string, string>) => {
      const server = await startRedis(settings)
      closers.add(server.stop)
      return server
    }
    const arrived = (text: string) => receiver.requests.filter(({ body }) => body.includes(text))
    const startBoth = (env: Record<string, string> = {}) =>
      Promise.all([installation.startRole("gateway", env), installation.startRole("dispatcher", env)])

    beforeAll(async () => {
      installation = await size.install()
      receiver = await startReceiver(({ body }) =>
        body.includes("m_slow_") ? delay(ANSWERS_AFTER_MS).then(() => 200) : 200,
      )
    })
    afterAll(async () => {
      await installation?.remove()
      await receiver?.close()
      await closers.closeAll()
    })

    /** https://github.com/endatix/endatix/issues/956 */
    test("endatix: one lease for a batch that is sent one by one", async () => {
      const [gateway, first] = await startBoth()
      const second = await installation.startRole("dispatcher")
      const tenant = await addTenant(gateway.url, { url: receiver.url, max_concurrency: 1 })
      const items = Array.from({ length: BATCH }, (_, i) => messengerText(tenant.pageId, `m_slow_${i}`).entry).flat()
      await postWebhook(gateway.url, { object: "page", entry: items })
      await until(() => arrived("m_slow_").length >= BATCH, "the whole batch", 60_000)
      await until(
        async () => {
          const { data } = await tenant.call<{ data: { state: string }[] }>("GET", "/v1/deliveries")
          return data.every(({ state }) => state === "delivered")
        },
        "the batch to be delivered",
        60_000,
      )
      expect(arrived("m_slow_")).toHaveLength(BATCH)
      await Promise.all([gateway, first, second].map((instance) => instance.kill()))
    }, 90_000)

    /** https://github.com/hookdeck/outpost/tree/f67ae01: its retry scheduler stops after ten consecutive errors */
    test("Outpost: a scheduler that stops for good after ten Redis errors", async () => {
      const server = await redis()
      const [gateway, dispatcher] = await startBoth({ REDIS_URL: server.url })
      const tenant = await addTenant(gateway.url, { url: receiver.url })
      await server.restart(async () => {
        for (let number = 0; number < 20; number++) {
          await postWebhook(gateway.url, messengerText(tenant.pageId, `m_without_${number}`))
          await until(() => arrived(`"m_without_${number}"`).length === 1, "a delivery without Redis")
        }
        expect(await queueErrors(gateway)).toBeGreaterThan(10)
      }, "SIGKILL")
      await until(() => queueIsBack(gateway), "the queue to be available again")
      await postWebhook(gateway.url, messengerText(tenant.pageId, "m_with_redis_again"))
      await receiver.get(({ body }) => body.includes("m_with_redis_again"))
      await Promise.all([gateway.kill(), dispatcher.kill()])
    }, 90_000)

    /** https://github.com/taskforcesh/bullmq/issues/648, https://github.com/taskforcesh/bullmq/issues/4378 */
    test("BullMQ: workers that are silently dead after a Redis failover", async () => {
      const { url, failOver, replicaUrl } = await startSentinels({ redis, closers })
      const [gateway, dispatcher] = await startBoth({ REDIS_URL: url })
      const tenant = await addTenant(gateway.url, { url: receiver.url })
      await failOver()
      const master = new Redis(replicaUrl)
      closers.add(() => master.disconnect())
      const waits = async () => String(await master.client("LIST")).includes("cmd=bzpopmin")
      await until(waits, "the dispatcher's worker to wait at the new master", 60_000)
      await until(() => queueIsBack(gateway), "the queue to be available again")
      await postWebhook(gateway.url, messengerText(tenant.pageId, "m_after_failover"))
      await receiver.get(({ body }) => body.includes("m_after_failover"))
      await Promise.all([gateway.kill(), dispatcher.kill()])
    }, 120_000)
  },
  ({ redis }) => redis,
)

async function queueErrors({ url }: Instance): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^onehook_queue_errors_total (\d+)/m.exec(text)?.[1])
}

async function queueIsBack({ url }: Instance): Promise<boolean> {
  const { status } = (await (await fetch(`${url}/readyz`)).json()) as { status: string }
  return status !== "degraded"
}
