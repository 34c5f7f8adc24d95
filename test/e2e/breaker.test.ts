import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ADMIN_KEY, addTenant, api, type Instance, messengerText, postWebhook } from "../support/onehook.ts"
import { type Received, type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

describeSizes("the circuit breaker", (size) => {
  let installation: Installation
  let gateway: Instance
  let receiver: Receiver
  let broken = true

  beforeAll(async () => {
    installation = await size.install()
    gateway = await installation.startAll()
    receiver = await startReceiver(async () => {
      await delay(120)
      return broken ? 500 : 200
    })
  })
  afterAll(async () => {
    await installation?.remove()
    await receiver?.close()
  })

  test("pauses an endpoint that keeps failing, even across a crash; waiting deliveries keep their attempts and are sent after recovery", async () => {
    const tenant = await addTenant(gateway.url, { url: receiver.url, max_concurrency: 1, retry_schedule: [3600] })
    const batch = {
      object: "page",
      entry: Array.from({ length: 15 }, (_, i) => messengerText(tenant.pageId, `m_break_${i}`).entry).flat(),
    }
    await postWebhook(gateway.url, batch)
    const ours = () => receiver.requests.filter(({ body }) => body.includes("m_break"))
    // Ten failures, and two probes that fail too: the next one may go four seconds after the last.
    await until(() => ours().length === 12, "ten failures and two probes")
    const attempts = async (call: typeof tenant.call) => {
      const { data } = await call<{ data: { attempts: number; state: string }[] }>("GET", "/v1/deliveries")
      return data.map((delivery) => `${delivery.state} ${delivery.attempts}`).sort()
    }
    const tried = [...Array(3).fill("pending 0"), ...Array(12).fill("pending 1")]
    await until(async () => (await attempts(tenant.call)).join() === tried.join(), "the attempts to be recorded")

    const other = await addTenant(gateway.url, { url: `${receiver.url}/other` })
    await postWebhook(gateway.url, messengerText(other.pageId, "m_witness"))
    await receiver.get(({ body }) => body.includes("m_witness"))
    expect(ours()).toHaveLength(12)

    await gateway.kill("SIGKILL")
    broken = false
    gateway = await installation.startAll()
    const call = api(gateway.url, ADMIN_KEY, tenant.id)
    const delivered = async () => (await attempts(call)).filter((text) => text === "delivered 1").length
    await until(async () => (await delivered()) === 3, "the waiting deliveries to be sent")
    const [last, next] = ours().slice(11) as [Received, Received]
    expect(next.atMs - last.atMs).toBeGreaterThan(3_900)
  })
})
