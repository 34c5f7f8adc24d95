import { expect, test } from "vitest"
import { EVENT_NAMES } from "../../../src/core/event/event.ts"
import { describeApi, newCustomer } from "../harness.ts"
import { recordAttempt } from "../records.ts"

describeApi("testing an endpoint", (api) => {
  async function given() {
    const customer = await newCustomer(api())
    const body = { url: "https://a.example", events: ["lead.received"] }
    const endpointId = (await customer.as({ method: "POST", url: "/v1/endpoints", body })).body.id as string
    const url = `/v1/endpoints/${endpointId}/test`
    const send = (body?: object, headers: Record<string, string> = {}) =>
      customer.as({ method: "POST", url, body: body ?? {}, headers })
    return { ...customer, endpointId, send }
  }

  test("creates a delivery of a message, whatever the endpoint subscribes to, and wakes a dispatcher", async () => {
    const { as, send, endpointId } = await given()
    const { status, body } = await send()
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ endpoint_id: endpointId, event: "message.received", state: "pending", attempts: 0 }),
    ])
    expect(api().woken).toContain(endpointId)
    const event = await as({ url: `/v1/events/${body.event_id}` })
    expect(event.body).toMatchObject({ event: "message.received", platform: "facebook", id: body.event_id })
    await recordAttempt(api(), { endpointId, deliveryId: body.id, attempts: 0 }, { trigger: "test" })
    const after = (await as({ url: `/v1/deliveries/${body.id}` })).body
    expect(after.attempt_log).toMatchObject([{ trigger: "test", verdict: "delivered" }])
  })

  test("creates a delivery that is claimed with the trigger test", async () => {
    const { send } = await given()
    const { body } = await send()
    const { rows } = await api().pool.query("select stage, trigger from deliveries where id = $1", [body.id])
    expect(rows).toEqual([{ stage: "fresh", trigger: "test" }])
  })

  test.each(EVENT_NAMES)("supports %s", async (event) => {
    const { send } = await given()
    expect(await send({ event })).toMatchObject({ status: 201, body: { event } })
  })

  test("is invisible elsewhere: the event is in no event list and in no replay", async () => {
    const { as, send, endpointId } = await given()
    await send({ event: "lead.received" })
    expect((await as({ url: "/v1/events" })).body.data).toEqual([])
    expect((await as({ url: "/v1/events?order=asc" })).body.data).toEqual([])
    const body = { after: "2020-01-01T00:00:00Z", dry_run: true }
    const replay = await as({ method: "POST", url: `/v1/endpoints/${endpointId}/replays`, body })
    expect(replay.body.total).toBe(0)
  })

  test("runs once per Idempotency-Key, and every time without one", async () => {
    const { as, send } = await given()
    const key = { "idempotency-key": "t1" }
    expect((await send({}, key)).text).toBe((await send({}, key)).text)
    await send()
    expect((await as({ url: "/v1/deliveries" })).body.data).toHaveLength(2)
  })

  test.each([
    ["an event that is none", { event: "message" }, "event"],
    ["a platform that has no such event", { event: "lead.received", platform: "whatsapp" }, "platform"],
    ["an unknown key", { kind: "text" }, "kind"],
  ])("is refused with %s", async (_name, body, path) => {
    const { send } = await given()
    expect(await send(body)).toMatchObject({ status: 422, body: { errors: [{ path }] } })
  })
})
