import { setTimeout as delay } from "node:timers/promises"
import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"
import { freePort } from "../../bench/support/processes.ts"
import { startRedis } from "../../bench/support/redis.ts"
import { addTenant, type Instance, messengerText, postWebhook, type Tenant } from "../support/onehook.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes, type Installation, type Size } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const WEBHOOKS = 2_000
const CONNECTIONS = 32

/** Posts as Meta does: repeats what did not get a 200. `at(n)` runs when n webhooks have been acknowledged. */
async function load(url: string, tenant: Tenant, at: Record<number, () => Promise<void>>) {
  let next = 0
  let acknowledged = 0
  const disturbances: Promise<void>[] = []
  async function post(number: number) {
    const body = JSON.stringify(messengerText(tenant.pageId, `m_${number}`, `text ${number}`))
    for (;;) {
      const response = await postWebhook(url, body).catch(() => null)
      await response?.arrayBuffer().catch(() => {})
      if (response?.status === 200) break
      await delay(20)
    }
    acknowledged += 1
    const disturb = at[acknowledged]
    if (disturb) disturbances.push(disturb())
  }
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < WEBHOOKS) await post(next++)
    }),
  )
  await Promise.all(disturbances)
}

const texts = (receiver: Receiver) => new Set(receiver.requests.map(({ body }) => JSON.parse(body).message.id))

/** Every acknowledged webhook arrived, and no more arrived twice than were in flight at a crash. */
async function expectAllArrived(receiver: Receiver, crashes: number) {
  const arrived = await until(() => texts(receiver).size === WEBHOOKS && texts(receiver), "every event", 90_000)
  for (let number = 0; number < WEBHOOKS; number++) expect(arrived.has(`m_${number}`)).toBe(true)
  const duplicates = receiver.requests.length - WEBHOOKS
  console.log(`sent ${WEBHOOKS}, delivered ${arrived.size}, duplicated ${duplicates}, lost 0, crashes ${crashes}`)
  // In flight at the endpoint, plus those whose response was not recorded yet.
  expect(duplicates).toBeLessThanOrEqual(crashes * 200)
}

describeSizes("a crash under load loses nothing that was acknowledged", (size: Size) => {
  let installation: Installation
  let receiver: Receiver

  beforeAll(async () => {
    installation = await size.install()
    receiver = await startReceiver()
  })
  afterAll(async () => {
    await installation?.remove()
    await receiver?.close()
  })

  test("kill -9 of a process with all roles", async () => {
    receiver.requests.length = 0
    const PORT = String(await freePort())
    let instance = await installation.startAll({ PORT })
    const tenant = await addTenant(instance.url, { url: receiver.url })
    const crash = async () => {
      await instance.kill("SIGKILL")
      instance = await installation.startAll({ PORT })
    }
    await load(instance.url, tenant, { 500: crash, 1500: crash })
    await expectAllArrived(receiver, 2)
    await instance.kill()
  }, 180_000)

  if (!size.apart) return

  test("kill -9 of gateway and dispatcher in turn", async () => {
    receiver.requests.length = 0
    const PORT = String(await freePort())
    let gateway = await installation.startRole("gateway", { PORT })
    let dispatcher: Instance = await installation.startRole("dispatcher")
    const tenant = await addTenant(gateway.url, { url: receiver.url })
    const crashDispatcher = async () => {
      await dispatcher.kill("SIGKILL")
      dispatcher = await installation.startRole("dispatcher")
    }
    const crashGateway = async () => {
      await gateway.kill("SIGKILL")
      gateway = await installation.startRole("gateway", { PORT })
    }
    await load(gateway.url, tenant, { 400: crashDispatcher, 900: crashGateway, 1400: crashDispatcher })
    await expectAllArrived(receiver, 3)
    await Promise.all([gateway.kill(), dispatcher.kill()])
  }, 180_000)

  if (!size.redis) return

  test("FLUSHALL, and a Redis that dies and comes back", async () => {
    receiver.requests.length = 0
    const server = await startRedis()
    const [gateway, dispatcher] = await Promise.all([
      installation.startRole("gateway", { REDIS_URL: server.url }),
      installation.startRole("dispatcher", { REDIS_URL: server.url }),
    ])
    const tenant = await addTenant(gateway.url, { url: receiver.url })
    const redis = new Redis(server.url, { lazyConnect: true })
    await redis.connect()
    const flush = async () => {
      await redis.flushall()
    }
    await load(gateway.url, tenant, { 300: flush, 800: flush, 1300: flush })
    redis.disconnect()
    await expectAllArrived(receiver, 3)

    await server.stop()
    const away = await postWebhook(gateway.url, messengerText(tenant.pageId, "m_without_redis"))
    expect(away.status).toBe(200)
    expect(await (await fetch(`${gateway.url}/readyz`)).json()).toMatchObject({ status: "degraded" })
    await receiver.get(({ body }) => body.includes("m_without_redis"))
    await Promise.all([gateway.kill(), dispatcher.kill()])
  }, 180_000)
})
