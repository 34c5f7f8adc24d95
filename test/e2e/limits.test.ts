import { afterAll, beforeAll, expect, test } from "vitest"
import { addTenant, type Instance, messengerText, postWebhook } from "../support/onehook.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const RATE = 5
/** Longer than a dead dispatcher's lease, which would otherwise be enough to delay its successor. */
const RETRY_AFTER_S = 13
/** Tolerance for differences in how long requests take to arrive. */
const JITTER_MS = 200

describeSizes(
  "limits",
  (size) => {
    let installation: Installation
    let gateway: Instance
    let dispatcher: Instance
    let receiver: Receiver
    const arrivals: { at: number; body: string }[] = []
    const arrived = (text: string) => arrivals.filter(({ body }) => body.includes(text))

    beforeAll(async () => {
      installation = await size.install()
      gateway = await installation.startRole("gateway")
      dispatcher = await installation.startRole("dispatcher")
      receiver = await startReceiver(({ body }) => {
        arrivals.push({ at: performance.now(), body })
        const first = body.includes("m_held") && arrived("m_held").length === 1
        return first ? { status: 429, headers: { "retry-after": String(RETRY_AFTER_S) } } : 200
      })
    })
    afterAll(async () => {
      await installation?.remove()
      await receiver?.close()
    })

    test("max_rate is respected in every second, and all deliveries arrive", async () => {
      const tenant = await addTenant(gateway.url, { url: receiver.url, max_rate: RATE })
      for (let number = 0; number < 4 * RATE; number++) {
        await postWebhook(gateway.url, messengerText(tenant.pageId, `m_rate_${number}`))
      }
      const all = await until(() => arrived("m_rate").length === 4 * RATE && arrived("m_rate"), "all to arrive")
      for (const [index, { at }] of all.entries()) {
        expect((all[index + RATE]?.at ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThan(1_000 - JITTER_MS)
      }
    })

    test("Retry-After pauses the whole endpoint, even if its dispatcher dies", async () => {
      const tenant = await addTenant(gateway.url, { url: receiver.url, retry_schedule: [1] })
      await postWebhook(gateway.url, messengerText(tenant.pageId, "m_held_0"))
      const { data } = await until(async () => {
        const log = await tenant.call<{ data: { attempts: number }[] }>("GET", "/v1/deliveries")
        return log.data[0]?.attempts === 1 && log
      }, "the first response to be recorded")
      expect(data).toHaveLength(1)
      await dispatcher.kill("SIGKILL")
      dispatcher = await installation.startRole("dispatcher")
      for (let number = 1; number <= 5; number++) {
        await postWebhook(gateway.url, messengerText(tenant.pageId, `m_held_${number}`))
      }
      const all = await until(() => arrived("m_held").length === 7 && arrived("m_held"), "all to arrive", 40_000)
      const [first, ...rest] = all.map(({ at }) => at)
      expect(Math.min(...rest) - (first ?? 0)).toBeGreaterThan(RETRY_AFTER_S * 1_000 - JITTER_MS)
    }, 60_000)
  },
  ({ redis }) => redis,
)
