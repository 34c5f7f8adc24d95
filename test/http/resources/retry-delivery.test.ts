import { expect, test } from "vitest"
import { describeApi, newCustomer } from "../harness.ts"
import { commitEvent, recordAttempt } from "../records.ts"

describeApi("retrying one delivery", (api) => {
  async function given(more: object = {}) {
    const customer = await newCustomer(api())
    const body = { url: "https://receiver.example/hook", headers: { "x-token": "secret-value" }, ...more }
    const endpointId = (await customer.as({ method: "POST", url: "/v1/endpoints", body })).body.id as string
    const { deliveryId, eventId } = await commitEvent(api(), { customerId: customer.id, endpointId })
    const url = `/v1/deliveries/${deliveryId}`
    const attempt = (attempts: number, result: Parameters<typeof recordAttempt>[2]) =>
      recordAttempt(api(), { endpointId, deliveryId, attempts }, result)
    const retry = (headers: Record<string, string> = {}) =>
      customer.as({ method: "POST", url: `${url}/retry`, headers })
    return { ...customer, endpointId, deliveryId, eventId, url, attempt, retry }
  }

  const dueNow = expect.objectContaining({ state: "pending", finished_at: null })

  test.each(["delivered", "exhausted"] as const)(
    "sends one that is %s again with the same event id",
    async (verdict) => {
      const { as, attempt, retry, endpointId, eventId, url } = await given()
      await attempt(0, { verdict, status: verdict === "delivered" ? 200 : 500 })
      const { status, body } = await retry()
      expect([status, body]).toEqual([200, dueNow])
      expect(Date.parse(body.due_at)).toBeLessThanOrEqual(Date.now() + 1_000)
      expect(body.attempt_log).toEqual([
        expect.objectContaining({ number: 1, verdict, next_attempt_at: expect.any(String) }),
      ])
      expect(api().woken).toContain(endpointId)
      await attempt(1, { status: 204, trigger: "manual" })
      const after = (await as({ url })).body
      expect(after).toMatchObject({ state: "delivered", attempts: 2, event_id: eventId })
      expect(after.attempt_log.map(({ number, trigger }: Record<string, unknown>) => [number, trigger])).toEqual([
        [1, "schedule"],
        [2, "manual"],
      ])
    },
  )

  test("sends one that was canceled before any attempt", async () => {
    const { deliveryId, retry } = await given()
    await api().pool.query("update deliveries set stage = 'canceled', finished_at = now() where id = $1", [deliveryId])
    expect((await retry()).body).toMatchObject({ state: "pending", attempts: 0, attempt_log: [] })
  })

  test("makes one that waits for its next attempt due now", async () => {
    const { as, attempt, retry, url } = await given()
    await attempt(0, { verdict: "retry", status: 500, retryInMs: 3_600_000 })
    const before = Date.parse((await as({ url })).body.due_at)
    const { body } = await retry()
    expect(before - Date.parse(body.due_at)).toBeGreaterThan(3_000_000)
    expect(body.attempts).toBe(1)
  })

  test("gives the dispatcher that claims it the trigger manual", async () => {
    const { attempt, retry, deliveryId } = await given()
    await attempt(0, {})
    await retry()
    const { rows } = await api().pool.query("select stage, trigger from deliveries where id = $1", [deliveryId])
    expect(rows).toEqual([{ stage: "retry", trigger: "manual" }])
    await attempt(1, { verdict: "retry", status: 500, retryInMs: 1_000, trigger: "manual" })
    const next = await api().pool.query("select stage, trigger from deliveries where id = $1", [deliveryId])
    expect(next.rows).toEqual([{ stage: "retry", trigger: null }])
  })

  test("during an attempt that fails is not postponed by the failure", async () => {
    const { as, attempt, retry, deliveryId, url } = await given()
    await retry()
    await attempt(0, { verdict: "retry", status: 500, retryInMs: 86_400_000 })
    const { body } = await as({ url })
    expect(body).toMatchObject({ state: "pending", attempts: 1 })
    expect(Date.parse(body.due_at)).toBeLessThanOrEqual(Date.now() + 1_000)
    expect(body.attempt_log[0]).toMatchObject({ trigger: "schedule", next_attempt_at: body.due_at })
    const { rows } = await api().pool.query("select trigger from deliveries where id = $1", [deliveryId])
    expect(rows).toEqual([{ trigger: "manual" }])
    await attempt(1, { verdict: "retry", status: 500, retryInMs: 86_400_000, trigger: "manual" })
    expect(Date.parse((await as({ url })).body.due_at)).toBeGreaterThan(Date.now() + 80_000_000)
  })

  test("during the last attempt sends it again after that attempt fails", async () => {
    const { as, attempt, retry, deliveryId, url } = await given()
    await retry()
    const failed = { verdict: "exhausted", status: 500 } as const
    // The same result is recorded twice and counts once.
    for (const _ of [1, 2]) await attempt(0, failed)
    const { body } = await as({ url })
    expect(body).toMatchObject({ state: "pending", attempts: 1, finished_at: null })
    expect(Date.parse(body.due_at)).toBeLessThanOrEqual(Date.now() + 1_000)
    expect(body.attempt_log).toMatchObject([{ ...failed, trigger: "schedule", next_attempt_at: body.due_at }])
    const { rows } = await api().pool.query("select trigger from deliveries where id = $1", [deliveryId])
    expect(rows).toEqual([{ trigger: "manual" }])
    await attempt(1, { ...failed, trigger: "manual" })
    expect((await as({ url })).body).toMatchObject({ state: "exhausted", attempts: 2, due_at: null })
  })

  test("during an attempt that succeeds does not send it again", async () => {
    const { as, attempt, retry, url } = await given()
    await retry()
    await attempt(0, {})
    expect((await as({ url })).body).toMatchObject({ state: "delivered", attempts: 1, due_at: null })
  })

  test("twice at once makes one more attempt, and a repeated Idempotency-Key counts once", async () => {
    const { as, attempt, retry, url } = await given()
    await attempt(0, {})
    await Promise.all([retry(), retry()])
    expect((await as({ url })).body).toMatchObject({ state: "pending", attempts: 1 })
    await attempt(1, {})
    const first = await retry({ "idempotency-key": "again" })
    await attempt(2, {})
    const repeated = await retry({ "idempotency-key": "again" })
    expect(repeated.headers["idempotency-replayed"]).toBe("true")
    expect(repeated.text).toBe(first.text)
    expect((await as({ url })).body.state).toBe("delivered")
  })

  test("is refused if its endpoint was deleted or its event is no longer stored", async () => {
    const gone = await given()
    await gone.attempt(0, {})
    await gone.as({ method: "DELETE", url: `/v1/endpoints/${gone.endpointId}` })
    expect(await gone.retry()).toMatchObject({ status: 409, body: { code: "event_gone" } })
    const old = await given()
    await old.attempt(0, {})
    await api().pool.query("delete from events where id = $1", [old.eventId])
    const detail = expect.stringMatching(/endpoint was deleted.*event is no longer stored.*contact was erased/)
    expect(await old.retry()).toMatchObject({ status: 409, body: { code: "event_gone", detail } })
    expect((await old.as({ url: old.url })).body.state).toBe("delivered")
  })

  test("shows the phases, address and headers in the attempt log, and no secret", async () => {
    const { as, attempt, url } = await given({ hub_signature: true })
    const timings = { dns: 1, connect: 2, tls: 3, firstByte: 4 }
    await attempt(0, {
      verdict: "retry",
      retryInMs: 0,
      remoteAddress: "192.0.2.1",
      timings,
      startedAtMs: 1_790_000_000_999,
    })
    await attempt(1, { remoteAddress: "192.0.2.2", timings: { dns: null, connect: null, tls: null, firstByte: 9 } })
    const { body, text } = await as({ url })
    expect(body.attempt_log[0]).toMatchObject({
      remote_address: "192.0.2.1",
      timings: { dns_ms: 1, connect_ms: 2, tls_ms: 3, first_byte_ms: 4, total_ms: 3 },
      request_headers: {
        "webhook-timestamp": "1790000000",
        "webhook-signature": "***",
        "x-hub-signature-256": "***",
        "x-token": "***",
      },
    })
    expect(body.attempt_log[1]).toMatchObject({
      remote_address: "192.0.2.2",
      timings: { dns_ms: null, connect_ms: null, tls_ms: null, first_byte_ms: 9, total_ms: 3 },
    })
    expect(text).not.toContain("secret-value")
  })
})
