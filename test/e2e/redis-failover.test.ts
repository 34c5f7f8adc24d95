import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { command, type RedisServer, startRedis } from "../../bench/support/redis.ts"
import { addTenant, messengerText, postWebhook } from "../support/onehook.ts"
import { startProxy } from "../support/proxy.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const WRONG_KEY = { headers: { authorization: "Bearer ohk_live_wrong" } }

describeSizes(
  "a failover of Redis behind one name, whose old master keeps its connections",
  (size) => {
    let servers: RedisServer[]
    let installation: Installation
    let receiver: Receiver

    beforeAll(async () => {
      servers = await Promise.all([startRedis(), startRedis()])
      installation = await size.install()
      receiver = await startReceiver()
    })
    afterAll(async () => {
      await installation?.remove()
      await receiver?.close()
      await Promise.all((servers ?? []).map((server) => server.stop()))
    })

    test("is noticed by every connection: wakes are sent and fetched, and failures counted, at the new master", async () => {
      const [before, after] = servers as [RedisServer, RedisServer]
      const proxy = await startProxy(before.url)
      onTestFinished(proxy.close)
      const instance = await installation.startAll({ REDIS_URL: proxy.url })
      const tenant = await addTenant(instance.url, { url: receiver.url })
      const deliver = async (mid: string) => {
        expect((await postWebhook(instance.url, messengerText(tenant.pageId, mid))).status).toBe(200)
        await receiver.get(({ body }) => body.includes(`"${mid}"`), 9_000)
      }
      await deliver("m_before")
      await fetch(`${instance.url}/v1/endpoints`, WRONG_KEY)

      proxy.switchTo(after.url)
      await command(before.url, "REPLICAOF", "127.0.0.1", new URL(after.url).port)

      await deliver("m_meanwhile")
      await fetch(`${instance.url}/v1/endpoints`, WRONG_KEY)
      const master = new Redis(after.url)
      onTestFinished(() => master.disconnect())
      const counted = async () => {
        await fetch(`${instance.url}/v1/endpoints`, WRONG_KEY)
        return (await master.keys("*limit*")).length > 0
      }
      await until(counted, "failures to be counted at the new master", 9_000)
      const ready = async () => (await fetch(`${instance.url}/readyz`)).json()
      await until(async () => ((await ready()) as { status: string }).status === "ok", "the queue to be ready", 9_000)
      await deliver("m_after")
      expect(await master.keys("*:wake:id")).toHaveLength(1)
      expect(await instance.kill()).toBe(0)
    }, 60_000)
  },
  ({ redis }) => redis,
)
