import { afterAll, beforeAll, expect, test } from "vitest"
import { addTenant, type Instance, messengerText, postWebhook, type Tenant } from "../support/onehook.ts"
import { type Receiver, startReceiver, verified } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const RATE = 2
/** Requests take different times to arrive. */
const JITTER_MS = 200

describeSizes(
  "defects of peers, in deliveries",
  (size) => {
    let installation: Installation
    let gateway: Instance
    let receiver: Receiver
    const arrived = (text: string) => receiver.requests.filter(({ body }) => body.includes(text))
    const post = ({ pageId }: Tenant, mid: string) => postWebhook(gateway.url, messengerText(pageId, mid))

    beforeAll(async () => {
      installation = await size.install()
      gateway = await installation.startAll()
      receiver = await startReceiver()
    })
    afterAll(async () => {
      await installation?.remove()
      await receiver?.close()
    })

    /** https://github.com/hookdeck/outpost/tree/f67ae01, its default mode */
    test("Outpost: a signature without a timestamp", async () => {
      const tenant = await addTenant(gateway.url, { url: receiver.url })
      await post(tenant, "m_signed")
      const received = await receiver.get(({ body }) => body.includes("m_signed"))
      expect(verified(received, tenant.secret)).toMatchObject({ event: "message.received" })
      const later = String(Number(received.headers["webhook-timestamp"]) + 1)
      const copied = { ...received, headers: { ...received.headers, "webhook-timestamp": later } }
      expect(() => verified(copied, tenant.secret)).toThrow("No matching signature")
    })

    /** https://github.com/postel-sh/postel/tree/f84e296, http-dispatcher.ts */
    test("Postel: a new secret that signs alone during the overlap", async () => {
      const tenant = await addTenant(gateway.url, { url: receiver.url })
      const path = `/v1/endpoints/${tenant.endpointId}/rotate-secret`
      const { secret } = await tenant.call<{ secret: string }>("POST", path, { overlap_hours: 24 })
      await post(tenant, "m_overlap")
      const received = await receiver.get(({ body }) => body.includes("m_overlap"))
      expect(verified(received, tenant.secret)).toEqual(verified(received, secret))
    })

    /**
     * https://github.com/hookdeck/outpost/issues/611, https://github.com/svix/svix-webhooks/tree/4fc0cfb
     * (recovery.rs)
     */
    test("Outpost, Svix, Nylas: events that are dropped while an endpoint is disabled", async () => {
      const tenant = await addTenant(gateway.url, { url: receiver.url })
      await tenant.call("POST", `/v1/endpoints/${tenant.endpointId}/disable`)
      for (const mid of ["m_held_1", "m_held_2"]) await post(tenant, mid)
      expect((await tenant.call<{ data: unknown[] }>("GET", "/v1/deliveries")).data).toHaveLength(2)
      await tenant.call("POST", `/v1/endpoints/${tenant.endpointId}/enable`, { recover: "held" })
      await until(() => arrived("m_held_").length === 2, "the events that arrived while it was disabled")
    })

    /** https://github.com/svix/svix-webhooks/tree/4fc0cfb: the worker never reads the endpoint's rate limit */
    test("Svix: a rate limit that is stored and not enforced", async () => {
      const tenant = await addTenant(gateway.url, { url: receiver.url, max_rate: RATE })
      for (let number = 0; number < 3 * RATE; number++) await post(tenant, `m_rate_${number}`)
      const all = await until(() => arrived("m_rate_").length === 3 * RATE && arrived("m_rate_"), "all events")
      for (const [index, { atMs }] of all.entries()) {
        expect((all[index + RATE]?.atMs ?? Number.POSITIVE_INFINITY) - atMs).toBeGreaterThan(1_000 - JITTER_MS)
      }
    })
  },
  ({ apart }) => !apart,
)
