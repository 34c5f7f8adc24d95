import { readFileSync } from "node:fs"
import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { command, type RedisServer, startRedis } from "../../bench/support/redis.ts"
import { addTenant, messengerText, postWebhook } from "../support/onehook.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const PASSWORD = "test-password"
/** The rules that the deployment guide recommends, without name and password. */
const DOCUMENTED = /^ACL SETUSER onehook on >password (.+)$/m.exec(
  readFileSync(new URL("../../docs/guides/deploy.md", import.meta.url), "utf8"),
)

const WRONG_KEY = { headers: { authorization: "Bearer ohk_live_wrong" } }

describeSizes(
  "a Redis user",
  (size) => {
    let server: RedisServer
    let installation: Installation
    let receiver: Receiver

    beforeAll(async () => {
      server = await startRedis()
      installation = await size.install()
      receiver = await startReceiver()
    })
    afterAll(async () => {
      await installation?.remove()
      await receiver?.close()
      await server?.stop()
    })

    async function startAs(user: string, ...rules: string[]) {
      await command(server.url, "ACL", "SETUSER", user, "on", `>${PASSWORD}`, ...rules)
      const url = new URL(server.url)
      url.username = user
      url.password = PASSWORD
      return installation.startAll({ REDIS_URL: url.href })
    }

    test("that may not fetch wake-ups: the dispatcher delivers by itself, is degraded, and names the command", async () => {
      const instance = await startAs("no-info", "~*", "&*", "+@all", "-@dangerous")
      const tenant = await addTenant(instance.url, { url: receiver.url })
      for (let number = 0; number < 20; number++) {
        expect((await postWebhook(instance.url, messengerText(tenant.pageId, `m_no_info_${number}`))).status).toBe(200)
        await receiver.get(({ body }) => body.includes(`"m_no_info_${number}"`), 5_000)
      }
      const ready = await fetch(`${instance.url}/readyz`)
      expect(ready.status).toBe(200)
      expect(await ready.json()).toMatchObject({ status: "degraded", queue: "unreachable" })
      await until(() => /NOPERM[^\n]*'info'/.test(instance.output()), "the log to name the command")
      await instance.kill()
    })

    test("with exactly the documented rules: everything works, and Redis refuses nothing", async () => {
      const instance = await startAs("documented", ...(DOCUMENTED?.[1]?.split(" ") ?? []))
      const failsOnce = await startReceiver((_received, count) => (count === 1 ? 500 : 200))
      onTestFinished(failsOnce.close)
      const tenant = await addTenant(instance.url, { url: failsOnce.url, retry_schedule: [3, 3] })
      await postWebhook(instance.url, messengerText(tenant.pageId, "m_documented"))
      await until(() => failsOnce.requests.length === 2, "the retry, which Redis schedules", 15_000)
      // Counted through Redis.
      for (let number = 0; number < 30; number++) await fetch(`${instance.url}/v1/endpoints`, WRONG_KEY)
      expect((await fetch(`${instance.url}/v1/endpoints`, WRONG_KEY)).status).toBe(429)
      expect(await (await fetch(`${instance.url}/readyz`)).json()).toMatchObject({ status: "ok" })
      await instance.kill()
      expect(instance.output()).not.toContain("NOPERM")
      const redis = new Redis(server.url)
      onTestFinished(() => redis.disconnect())
      const refusals = ((await redis.call("ACL", "LOG")) as string[][]).map((refusal) => refusal.join(" "))
      expect(refusals.filter((refusal) => refusal.includes("username documented"))).toEqual([])
    })
  },
  ({ redis }) => redis,
)
