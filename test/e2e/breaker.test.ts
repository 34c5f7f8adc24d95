import { afterAll, beforeAll, expect, test } from "vitest"
import { ADMIN_KEY, addTenant, api, type Instance, messengerText, postWebhook } from "../support/onehook.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
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
    receiver = await startReceiver(() => (broken ? 500 : 200))
  })
  afterAll(async () => {
    await installation?.remove()
    await receiver?.close()
  })

  test("pauses an endpoint after ten failures, even across a crash; waiting deliveries keep their attempts and are sent after recovery", async () => {
    const tenant = await addTenant(gateway.url, { url: receiver.url, max_concurrency: 1, retry_schedule: [3600] })
    const batch = {
      object: "page",
      entry: Array.from({ length: 15 }, (_, i) => messengerText(tenant.pageId, `m_break_${i}`).entry).flat(),
    }
    await postWebhook(gateway.url, batch)
    let call = tenant.call
    const attempts = async () => {
      const { data } = await call<{ data: { attempts: number; state: string }[] }>("GET", "/v1/deliveries")
      return data.map((delivery) => `${delivery.state} ${delivery.attempts}`).sort()
    }
    const tenTried = [...Array(5).fill("pending 0"), ...Array(10).fill("pending 1")]
    await until(async () => (await attempts()).join() === tenTried.join(), "ten attempts to be recorded")

    const other = await addTenant(gateway.url, { url: `${receiver.url}/other` })
    await postWebhook(gateway.url, messengerText(other.pageId, "m_witness"))
    await receiver.get(({ body }) => body.includes("m_witness"))
    expect(receiver.requests.filter(({ body }) => body.includes("m_break"))).toHaveLength(10)

    await gateway.kill("SIGKILL")
    gateway = await installation.startAll()
    const { url } = gateway
    call = api(url, ADMIN_KEY, tenant.id)
    const witness = await startReceiver((_received, count) => (count === 1 ? 500 : 200))
    const later = await addTenant(url, { url: witness.url, retry_schedule: [3] })
    await postWebhook(url, messengerText(later.pageId, "m_later"))
    await until(() => witness.requests.length === 2, "three seconds and several sweeps to have passed")
    expect(receiver.requests.filter(({ body }) => body.includes("m_break"))).toHaveLength(10)
    await witness.close()

    broken = false
    await call("PATCH", `/v1/endpoints/${tenant.endpointId}`, { description: "recovered" })
    await until(
      async () => (await attempts()).filter((text) => text === "delivered 1").length === 5,
      "the waiting deliveries to be sent",
    )
  })
})
