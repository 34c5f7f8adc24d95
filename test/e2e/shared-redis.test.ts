import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { type RedisServer, startRedis } from "../../bench/support/redis.ts"
import { addTenant, messengerText, postWebhook, spawnProcess } from "../support/onehook.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

describeSizes(
  "two installations on one Redis",
  (size) => {
    let server: RedisServer
    let installations: Installation[]
    let receiver: Receiver

    beforeAll(async () => {
      server = await startRedis()
      installations = [await size.install(), await size.install()]
      receiver = await startReceiver()
    })
    afterAll(async () => {
      for (const installation of installations ?? []) await installation.remove()
      await receiver?.close()
      await server?.stop()
    })

    test("do not fetch each other's wake-ups", async () => {
      const env = { REDIS_URL: server.url }
      const instances = await Promise.all(installations.map((installation) => installation.startAll(env)))
      for (const instance of instances) {
        const tenant = await addTenant(instance.url, { url: receiver.url })
        await postWebhook(instance.url, messengerText(tenant.pageId, `m_${tenant.id}`))
        await receiver.get(({ body }) => body.includes(tenant.id))
      }
      const redis = new Redis(server.url)
      onTestFinished(() => redis.disconnect())
      const ids = (await redis.keys("*:wake:id")).sort()
      const own = expect.stringMatching(/^\{onehook:[0-9a-f]{12}\}:wake:id$/)
      expect(ids).toEqual([own, own])
      await Promise.all(instances.map((instance) => instance.kill()))
    })

    test("with one prefix: the second does not start, and says what to do", async () => {
      const env = { REDIS_URL: server.url, REDIS_PREFIX: "ours" }
      const [first, second] = installations as [Installation, Installation]
      const started = await Promise.all([first.startRole("gateway", env), first.startRole("dispatcher", env)])
      const { instance } = spawnProcess({ ...second.env, ...env, PORT: "0" })
      await until(() => instance.child.exitCode !== null, "the process to end", 20_000)
      expect(instance.child.exitCode).toBe(1)
      expect(instance.output()).toMatch(/another installation uses the prefix ours .* REDIS_PREFIX/)
      await Promise.all(started.map((process) => process.kill()))
    })
  },
  ({ redis }) => redis,
)
