import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { breaches } from "../platforms/support/contract.ts"
import { addTenant, type Instance, messengerText, postWebhook, type Tenant } from "../support/onehook.ts"
import { type Receiver, startReceiver, verified } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const SEED = {
  object: "page",
  entry: [
    {
      id: "PAGE_ID",
      time: 1747231892123,
      messaging: [
        {
          sender: { id: "12345678901234" },
          recipient: { id: "PAGE_ID" },
          timestamp: 1747231892100,
          message: { mid: "m_abc123...", text: "Hello! I need help with my order." },
        },
      ],
    },
  ],
}

const SEED_EVENT =
  '{"platform":"facebook","event":"message.received","timestamp":1747231892,"from":"12345678901234",' +
  '"page_id":"PAGE_ID","conversation_id":"conv_fb_…","message":{"type":"text","body":"Hello! I need help with my ' +
  'order.","id":"m_abc123..."},"signature_verified":true}'

const withoutTail = (body: string) => body.replace(/conv_fb_[0-9a-z]{26}/, "conv_fb_…")

describeSizes("delivery", (size) => {
  let installation: Installation
  let gateway: Instance
  let receiver: Receiver

  beforeAll(async () => {
    installation = await size.install()
    if (size.apart) {
      gateway = await installation.startRole("gateway")
      await installation.startRole("dispatcher")
    } else gateway = await installation.startAll()
    receiver = await startReceiver()
  })
  afterAll(async () => {
    await installation?.remove()
    await receiver?.close()
  })

  const deliveries = async ({ call }: Tenant) =>
    (await call<{ data: Record<string, unknown>[] }>("GET", "/v1/deliveries")).data

  test("the documented event is delivered exactly as documented", async () => {
    const receiver = await startReceiver()
    onTestFinished(() => receiver.close())
    const tenant = await addTenant(gateway.url, { url: receiver.url, payload: "compact" }, { pageId: "PAGE_ID" })
    const full = await tenant.call<{ secret: string }>("POST", "/v1/endpoints", { url: `${receiver.url}/full` })
    expect((await postWebhook(gateway.url, SEED)).status).toBe(200)

    const received = await until(() => receiver.requests.length === 2 && receiver.requests, "two deliveries")
    const bodies = received.map(({ body }) => body).sort((a, b) => a.length - b.length)
    expect(withoutTail(bodies[0] ?? "")).toBe(SEED_EVENT)
    expect(withoutTail(bodies[1] ?? "").startsWith(`${SEED_EVENT.slice(0, -1)},"id":"evt_`)).toBe(true)
    for (const request of received) {
      const secret = request.body === bodies[0] ? tenant.secret : full.secret
      expect(verified(request, secret)).toEqual(JSON.parse(request.body))
      expect(request.headers).toMatchObject({ "content-type": "application/json", "webhook-id": received[0]?.id })
      expect(request.headers["user-agent"]).toMatch(/^Onehook\/\d/)
    }
  })

  test("each item of a batch reaches only the customer who owns its page", async () => {
    const [one, two] = [
      await addTenant(gateway.url, { url: receiver.url }),
      await addTenant(gateway.url, { url: receiver.url }),
    ]
    const batch = {
      object: "page",
      entry: [one, two, one].flatMap(({ pageId }, i) => messengerText(pageId, `m_batch_${i}_${pageId}`).entry),
    }
    expect((await postWebhook(gateway.url, batch)).status).toBe(200)
    const received = await until(() => {
      const mine = receiver.requests.filter(({ body }) => body.includes("m_batch_"))
      return mine.length === 3 && mine
    }, "three deliveries")
    for (const [tenant, count] of [
      [one, 2],
      [two, 1],
    ] as const) {
      const own = received.filter(({ body }) => JSON.parse(body).page_id === tenant.pageId)
      expect(own).toHaveLength(count)
      for (const request of own) verified(request, tenant.secret)
    }
  })

  test("a webhook that Meta repeats is not delivered again", async () => {
    const tenant = await addTenant(gateway.url, { url: receiver.url })
    const webhook = messengerText(tenant.pageId, `m_again_${tenant.pageId}`)
    await Promise.all([1, 2, 3].map(() => postWebhook(gateway.url, webhook)))
    await postWebhook(gateway.url, webhook)
    await postWebhook(gateway.url, messengerText(tenant.pageId, `m_last_${tenant.pageId}`))
    await receiver.get(({ body }) => body.includes(`m_last_${tenant.pageId}`))
    expect(receiver.requests.filter(({ body }) => body.includes(`m_again_${tenant.pageId}`))).toHaveLength(1)
  })

  test("an endpoint gets only the events, platforms and pages that it subscribes to", async () => {
    const tenant = await addTenant(gateway.url, { url: receiver.url, events: ["message.reaction"] })
    const [entry] = messengerText(tenant.pageId, "m_filtered").entry
    await postWebhook(gateway.url, { object: "page", entry: [entry] })
    const reaction = { mid: "m_filtered", action: "react", reaction: "love", emoji: "❤" }
    const item = { ...entry?.messaging[0], message: undefined, reaction }
    await postWebhook(gateway.url, { object: "page", entry: [{ ...entry, messaging: [item] }] })
    const got = await receiver.get(({ body }) => body.includes(tenant.pageId))
    expect(JSON.parse(got.body)).toMatchObject({ event: "message.reaction", reaction: { action: "added", emoji: "❤" } })
    expect(receiver.requests.filter(({ body }) => body.includes(tenant.pageId))).toHaveLength(1)
  })

  test("the start of a conversation is sent once to subscribed endpoints, in the documented format", async () => {
    const tenant = await addTenant(gateway.url, { url: receiver.url, events: ["conversation.started"] })
    for (const mid of ["m_first", "m_second"]) {
      await postWebhook(gateway.url, messengerText(tenant.pageId, `${mid}_${tenant.pageId}`))
    }
    const got = await receiver.get(({ body }) => body.includes(tenant.pageId))
    const event = verified(got, tenant.secret)
    expect(event).toMatchObject({ event: "conversation.started", from: "12345678901234" })
    expect(breaches(event)).toBeNull()
    expect(await deliveries(tenant)).toHaveLength(1)
  })

  test("a failed delivery is retried on schedule, signed again with the same id, and every attempt is recorded", async () => {
    const flaky = await startReceiver((_received, count) => (count < 3 ? 500 : 204))
    const tenant = await addTenant(gateway.url, { url: flaky.url, retry_schedule: [1, 1] })
    await postWebhook(gateway.url, messengerText(tenant.pageId, "m_flaky"))
    await until(() => flaky.requests.length === 3, "three attempts")
    expect(flaky.ids().size).toBe(1)
    for (const request of flaky.requests) verified(request, tenant.secret)
    const [delivery] = await until(async () => {
      const list = await deliveries(tenant)
      return list[0]?.state === "delivered" && list
    }, "the delivery to be recorded")
    const detail = await tenant.call<{ attempt_log: { status: number; number: number }[] }>(
      "GET",
      `/v1/deliveries/${delivery?.id}`,
    )
    const log = detail.attempt_log.map(({ number, status }) => [number, status]).sort()
    expect(log).toEqual([
      [1, 500],
      [2, 500],
      [3, 204],
    ])
    await flaky.close()
  })

  test("a delivery without attempts left is exhausted", async () => {
    const broken = await startReceiver(() => 500)
    const tenant = await addTenant(gateway.url, { url: broken.url, retry_schedule: [1] })
    await postWebhook(gateway.url, messengerText(tenant.pageId, "m_broken"))
    await until(async () => (await deliveries(tenant))[0]?.state === "exhausted", "the delivery to be exhausted")
    expect(broken.requests).toHaveLength(2)
    await broken.close()
  })

  test("a manual retry requested during the last attempt runs after it fails", async () => {
    const lastFailed = Promise.withResolvers<number>()
    const broken = await startReceiver((_, count) => [500, lastFailed.promise, 200][count - 1] ?? 200)
    const tenant = await addTenant(gateway.url, { url: broken.url, retry_schedule: [1] })
    await postWebhook(gateway.url, messengerText(tenant.pageId, "m_asked"))
    await until(() => broken.requests.length === 2, "the last attempt")
    const [delivery] = await deliveries(tenant)
    await tenant.call("POST", `/v1/deliveries/${delivery?.id}/retry`)
    lastFailed.resolve(500)
    await until(async () => (await deliveries(tenant))[0]?.state === "delivered", "the delivery to arrive")
    expect(broken.requests).toHaveLength(3)
    await broken.close()
  })

  test("410 disables the endpoint; later events are held and delivered when it is enabled", async () => {
    let gone = true
    const leaving = await startReceiver(() => (gone ? 410 : 200))
    const tenant = await addTenant(gateway.url, { url: leaving.url })
    await postWebhook(gateway.url, messengerText(tenant.pageId, "m_gone"))
    const endpoint = () =>
      tenant.call<{ status: string; disabled_reason: string }>("GET", `/v1/endpoints/${tenant.endpointId}`)
    await until(async () => (await endpoint()).status === "disabled", "the endpoint to be disabled")
    expect((await endpoint()).disabled_reason).toContain("410")
    gone = false
    await postWebhook(gateway.url, messengerText(tenant.pageId, "m_meanwhile"))
    await until(async () => (await deliveries(tenant)).length === 2, "the delivery to be kept")
    await tenant.call("POST", `/v1/endpoints/${tenant.endpointId}/enable`)
    await leaving.get(({ body }) => body.includes("m_meanwhile"))
    expect(leaving.requests).toHaveLength(2)
    await leaving.close()
  })

  test("an endpoint that hangs delays neither other endpoints nor its own next deliveries", async () => {
    let release = () => {}
    const hung = new Promise<number>((resolve) => {
      release = () => resolve(200)
    })
    const slow = await startReceiver(({ body }) => (body.includes("m_hang") ? hung : 200))
    const tenant = await addTenant(gateway.url, { url: slow.url })
    const other = await addTenant(gateway.url, { url: receiver.url })
    await postWebhook(gateway.url, messengerText(tenant.pageId, "m_hang"))
    await slow.get()
    await postWebhook(gateway.url, messengerText(tenant.pageId, "m_behind"))
    await postWebhook(gateway.url, messengerText(other.pageId, `m_${other.pageId}`))
    await slow.get(({ body }) => body.includes("m_behind"))
    await receiver.get(({ body }) => body.includes(`m_${other.pageId}`))
    release()
    await until(
      async () => (await deliveries(tenant)).every(({ state }) => state === "delivered"),
      "both to be recorded",
    )
    await slow.close()
  })

  test("events of an unconnected page are acknowledged, counted and shown to the operator", async () => {
    const pageId = "404404404404"
    expect((await postWebhook(gateway.url, messengerText(pageId, "m_nobody"))).status).toBe(200)
    const { api, ADMIN_KEY } = await import("../support/onehook.ts")
    const { data } = await api(gateway.url, ADMIN_KEY)<{ data: Record<string, unknown>[] }>("GET", "/v1/unrouted")
    expect(data).toContainEqual(expect.objectContaining({ platform: "facebook", page_id: pageId, events: 1 }))
  })
})
