import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { afterAll, beforeAll, expect, test } from "vitest"
import { addTenant, type Instance, messengerText, postWebhook } from "../support/onehook.ts"
import { type Receiver, startReceiver, verified } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const SCHEMA = join(import.meta.dirname, "../../schemas/operational-event.v1.json")
const isOperational = new Ajv2020({ strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync(SCHEMA, "utf8")),
)

describeSizes("operational events", (size) => {
  let installation: Installation
  let gateway: Instance
  let ear: Receiver

  beforeAll(async () => {
    installation = await size.install()
    gateway = await installation.startAll()
    ear = await startReceiver()
  })
  afterAll(async () => {
    await installation?.remove()
    await ear?.close()
  })

  const heard = (type: string, about: string) =>
    ear.get(({ body }) => body.startsWith(`{"type":"${type}"`) && body.includes(about))

  test("reach only the subscribed endpoint, signed and valid against their schema", async () => {
    const answers: Record<string, number> = { "/gone": 410, "/broken": 500 }
    const receiver = await startReceiver(({ headers }) => answers[String(headers["x-place"])] ?? 200)
    const tenant = await addTenant(gateway.url, { url: receiver.url, headers: { "x-place": "/gone" } })
    const create = (body: object) => tenant.call<{ id: string; secret: string }>("POST", "/v1/endpoints", body)
    const broken = await create({ url: receiver.url, headers: { "x-place": "/broken" }, retry_schedule: [1] })
    await create({ url: receiver.url, events: ["*"] })
    const operational = await create({ url: ear.url, events: ["endpoint.disabled", "delivery.exhausted"] })
    await postWebhook(gateway.url, messengerText(tenant.pageId, "m_operational"))

    const disabled = await heard("endpoint.disabled", tenant.endpointId)
    const exhausted = await heard("delivery.exhausted", broken.id)
    for (const received of [disabled, exhausted]) {
      const body = verified(received, operational.secret)
      expect(isOperational(body), JSON.stringify(isOperational.errors)).toBe(true)
      expect(received.id).toMatch(/^ope_/)
    }
    expect(JSON.parse(exhausted.body).data).toMatchObject({ deliveries: 1, description: "" })

    const ofAll = receiver.requests.filter(({ headers }) => headers["x-place"] === undefined)
    const { data: events } = await tenant.call<{ data: { platform: string }[] }>("GET", "/v1/events")
    const platforms = [...ofAll.map(({ body }) => JSON.parse(body).platform), ...events.map(({ platform }) => platform)]
    expect(new Set(platforms)).toEqual(new Set(["facebook"]))
    const list = `/v1/deliveries?endpoint_id=${operational.id}`
    const { data: deliveries } = await tenant.call<{ data: { event: string }[] }>("GET", list)
    expect(new Set(deliveries.map(({ event }) => event))).toEqual(new Set(["delivery.exhausted", "endpoint.disabled"]))
    await receiver.close()
  })

  test("report a recovery: held deliveries are sent in small steps, and all arrive", async () => {
    let inFlight = 0
    const peaks: number[] = []
    const receiver = await startReceiver(async () => {
      peaks.push(++inFlight)
      await new Promise((resolve) => setTimeout(resolve, 20))
      inFlight -= 1
      return 200
    })
    const tenant = await addTenant(gateway.url, { url: receiver.url })
    const at = `/v1/endpoints/${tenant.endpointId}`
    await tenant.call("PATCH", at, { status: "paused" })
    const batch = {
      object: "page",
      entry: Array.from({ length: 40 }, (_, i) => messengerText(tenant.pageId, `m_held_${i}`).entry).flat(),
    }
    await postWebhook(gateway.url, batch)
    const list = (state: string) => tenant.call<{ data: unknown[] }>("GET", `/v1/deliveries?state=${state}`)
    expect((await list("held")).data).toHaveLength(40)
    expect(receiver.requests).toHaveLength(0)
    await tenant.call("POST", `${at}/enable`, { recover: "held" })
    await until(async () => (await list("delivered")).data.length === 40, "everything to arrive")
    const steps = [1, 2, 4, 8].map((step) => ({ step, most: Math.max(...peaks.slice(step - 1, 2 * step - 1)) }))
    expect(steps.filter(({ step, most }) => most > step)).toEqual([])
    await receiver.close()
  })
})
