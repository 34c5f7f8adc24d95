import { afterAll, beforeAll, expect, test } from "vitest"
import { addTenant, type Instance, messengerText, postWebhook } from "../support/onehook.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

describeSizes(
  "two dispatchers",
  (size) => {
    let installation: Installation
    let gateway: Instance
    let receiver: Receiver
    let release = () => {}
    const hung = new Promise<number>((resolve) => {
      release = () => resolve(200)
    })

    beforeAll(async () => {
      installation = await size.install()
      gateway = await installation.startRole("gateway")
      await Promise.all([installation.startRole("dispatcher"), installation.startRole("dispatcher")])
      receiver = await startReceiver(({ body }) => (body.includes("m_hang") ? hung : 200))
    })
    afterAll(async () => {
      release()
      await installation?.remove()
      await receiver?.close()
    })

    test("a wake that reaches the wrong dispatcher is forwarded to the endpoint's owner", async () => {
      const tenant = await addTenant(gateway.url, { url: receiver.url })
      // While this delivery hangs, its dispatcher keeps the endpoint.
      await postWebhook(gateway.url, messengerText(tenant.pageId, "m_hang"))
      await receiver.get()
      for (let number = 0; number < 20; number++) {
        await postWebhook(gateway.url, messengerText(tenant.pageId, `m_behind_${number}`))
        await receiver.get(({ body }) => body.includes(`"m_behind_${number}"`), 9_000)
      }
      release()
      await until(async () => {
        const { data } = await tenant.call<{ data: { state: string }[] }>("GET", "/v1/deliveries")
        return data.length === 21 && data.every(({ state }) => state === "delivered")
      }, "all to be recorded")
      expect(receiver.requests).toHaveLength(21)
    })
  },
  ({ apart }) => apart,
)
