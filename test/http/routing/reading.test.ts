import { expect, test } from "vitest"
import { describeApi, newCustomer } from "../harness.ts"
import { commitEvent, commitFault, commitUnrouted, recordAttempt } from "../records.ts"

type Customer = Awaited<ReturnType<typeof newCustomer>>

async function newEndpoint({ as }: Customer): Promise<string> {
  const { body } = await as({ method: "POST", url: "/v1/endpoints", body: { url: "https://hooks.example.com" } })
  return body.id
}

describeApi("events and deliveries", (api) => {
  test("an event is returned exactly as it was stored", async () => {
    const { as, id: customerId } = await newCustomer(api())
    const { eventId } = await commitEvent(api(), { customerId })
    const { rows } = await api().pool.query<{ body: string }>("select body from events where id = $1", [eventId])
    const one = await as({ url: `/v1/events/${eventId}` })
    expect(one.text).toBe(rows[0]?.body)
    expect((await as({ url: "/v1/events" })).text).toBe(`{"data":[${rows[0]?.body}],"next_cursor":null}`)
  })

  test("events are listed newest first, and pages stay consistent while events arrive", async () => {
    const { as, id: customerId } = await newCustomer(api())
    const ids: string[] = []
    for (let count = 0; count < 5; count++) ids.push((await commitEvent(api(), { customerId })).eventId)
    const seen: string[] = []
    let cursor = ""
    do {
      const { body } = await as({ url: `/v1/events?limit=2${cursor && `&cursor=${cursor}`}` })
      seen.push(...body.data.map((event: { id: string }) => event.id))
      cursor = body.next_cursor
      await commitEvent(api(), { customerId })
    } while (cursor)
    expect(seen).toEqual(ids.reverse())
  })

  test("polling with order=asc returns each event once, oldest first", async () => {
    const { as, id: customerId } = await newCustomer(api())
    const ids: string[] = []
    const add = async () => ids.push((await commitEvent(api(), { customerId })).eventId)
    for (let count = 0; count < 3; count++) await add()
    const seen: string[] = []
    let cursor = ""
    for (let polls = 0; polls < 5; polls++) {
      const { body } = await as({ url: `/v1/events?order=asc&limit=2${cursor && `&cursor=${cursor}`}` })
      seen.push(...body.data.map((event: { id: string }) => event.id))
      cursor = body.next_cursor
      expect(cursor).toEqual(expect.any(String))
      if (polls === 2) await add()
    }
    expect(seen).toEqual(ids)
    const wrong = await as({ url: `/v1/events?cursor=${cursor}` })
    expect(wrong).toMatchObject({ status: 400, body: { code: "invalid_query" } })
  })

  test("events are filtered", async () => {
    const { as, id: customerId } = await newCustomer(api())
    const given = [
      { platform: "facebook", event: "message.received", pageId: "1", sender: "a", conversationId: "conv_fb_1" },
      { platform: "whatsapp", event: "status.update", pageId: "2", sender: "b", conversationId: "conv_wa_2" },
    ]
    const ids: string[] = []
    for (const one of given) ids.push((await commitEvent(api(), { customerId, ...one })).eventId)
    const idsOf = async (query: string) =>
      (await as({ url: `/v1/events?${query}` })).body.data.map((event: { id: string }) => event.id)
    const [one, two] = ids
    expect(await idsOf("platform=facebook")).toEqual([one])
    expect(await idsOf("event=status.update")).toEqual([two])
    expect(await idsOf("page_id=1")).toEqual([one])
    expect(await idsOf("from=b")).toEqual([two])
    expect(await idsOf("conversation_id=conv_fb_1&platform=facebook")).toEqual([one])
    expect(await idsOf("from=a&platform=whatsapp")).toEqual([])
    const soon = encodeURIComponent(new Date(Date.now() + 60_000).toISOString())
    const ago = "2020-01-01T00:00:00%2B02:00"
    expect(await idsOf(`before=${soon}&after=${ago}`)).toEqual([two, one])
    expect(await idsOf(`after=${soon}`)).toEqual([])
    expect(await idsOf(`before=${ago}`)).toEqual([])
  })

  test("a delivery shows its attempts in order", async () => {
    const customer = await newCustomer(api())
    const { as, id: customerId } = customer
    const endpointId = await newEndpoint(customer)
    const { deliveryId, eventId } = await commitEvent(api(), { customerId, endpointId })
    const url = `/v1/deliveries/${deliveryId}`
    const waiting = await as({ url })
    expect(waiting.body).toMatchObject({
      state: "pending",
      attempts: 0,
      event_id: eventId,
      finished_at: null,
      attempt_log: [],
    })
    expect(waiting.body.due_at).toEqual(expect.any(String))
    const failed = { verdict: "retry", status: 500, response: "oh no", retryInMs: 5_000 } as const
    await recordAttempt(api(), { endpointId, deliveryId, attempts: 0 }, failed)
    await recordAttempt(api(), { endpointId, deliveryId, attempts: 1 }, { status: 200 })
    const { body } = await as({ url })
    expect(body).toMatchObject({ state: "delivered", attempts: 2, due_at: null, finished_at: expect.any(String) })
    expect(body.attempt_log).toEqual([
      {
        id: `${deliveryId.replace("dlv_", "atm_")}_1`,
        number: 1,
        trigger: "schedule",
        timings: { dns_ms: null, connect_ms: null, tls_ms: null, first_byte_ms: null, total_ms: 3 },
        request_headers: {
          "content-type": "application/json",
          "webhook-id": eventId,
          "webhook-timestamp": expect.stringMatching(/^\d+$/),
          "webhook-signature": "***",
        },
        remote_address: null,
        started_at: expect.any(String),
        duration_ms: 3,
        outcome: "response",
        verdict: "retry",
        status: 500,
        error: null,
        response: "oh no",
        next_attempt_at: expect.any(String),
      },
      expect.objectContaining({ number: 2, verdict: "delivered", status: 200, next_attempt_at: null }),
    ])
  })

  test("open and finished deliveries are filtered alike, newest first", async () => {
    const customer = await newCustomer(api())
    const { as, id: customerId } = customer
    const [endpointId, other] = [await newEndpoint(customer), await newEndpoint(customer)]
    const first = await commitEvent(api(), { customerId, endpointId })
    const second = await commitEvent(api(), { customerId, endpointId: other, event: "status.update" })
    await recordAttempt(api(), { endpointId, deliveryId: first.deliveryId, attempts: 0 }, {})
    const idsOf = async (query: string) =>
      (await as({ url: `/v1/deliveries?${query}` })).body.data.map((delivery: { id: string }) => delivery.id)
    const [one, two] = [first.deliveryId, second.deliveryId]
    expect(await idsOf("")).toEqual([one, two].sort().reverse())
    expect(await idsOf("state=pending")).toEqual([two])
    expect(await idsOf("state=delivered")).toEqual([one])
    expect(await idsOf("state=exhausted")).toEqual([])
    expect(await idsOf(`endpoint_id=${endpointId}`)).toEqual([one])
    expect(await idsOf("event=status.update")).toEqual([two])
    expect(await idsOf(`event_id=${first.eventId}`)).toEqual([one])
    const soon = new Date(Date.now() + 60_000).toISOString()
    expect(await idsOf(`before=${soon}&after=2020-01-01T00:00:00Z`)).toHaveLength(2)
    expect(await idsOf(`after=${soon}`)).toEqual([])
    expect(await idsOf("before=2020-01-01T00:00:00Z")).toEqual([])
  })

  test("pages of deliveries span open and finished ones", async () => {
    const customer = await newCustomer(api())
    const { as, id: customerId } = customer
    const endpointId = await newEndpoint(customer)
    for (let count = 0; count < 5; count++) {
      const { deliveryId } = await commitEvent(api(), { customerId, endpointId })
      if (count % 2) await recordAttempt(api(), { endpointId, deliveryId, attempts: 0 }, {})
    }
    const all = (await as({ url: "/v1/deliveries" })).body.data
    const first = (await as({ url: "/v1/deliveries?limit=3" })).body
    const rest = (await as({ url: `/v1/deliveries?limit=3&cursor=${first.next_cursor}` })).body
    expect([...first.data, ...rest.data]).toEqual(all)
    expect([first.data.length, rest.data.length, rest.next_cursor]).toEqual([3, 2, null])
  })

  test("the operator's lists of unrouted pages and faults are paged", async () => {
    for (const page of ["u1", "u2", "u/3"]) await commitUnrouted(api(), page)
    await commitUnrouted(api(), "u1")
    const first = (await api().asOperator({ url: "/v1/unrouted?limit=2" })).body
    const rest = (await api().asOperator({ url: `/v1/unrouted?limit=2&cursor=${first.next_cursor}` })).body
    const shown = [...first.data, ...rest.data].map(({ page_id, events, test_events }) => [
      page_id,
      events,
      test_events,
    ])
    expect(shown).toEqual([
      ["u/3", 2, 1],
      ["u1", 4, 2],
      ["u2", 2, 1],
    ])
    await commitFault(api())
    await commitFault(api())
    const faults = (await api().asOperator({ url: "/v1/faults?limit=1" })).body
    expect(faults.data[0]).toMatchObject({ path: "entry[0]", reason: "no id", item: "{}" })
    const more = await api().asOperator({ url: `/v1/faults?limit=1&cursor=${faults.next_cursor}` })
    expect(more.body).toMatchObject({ data: [{ reason: "no id" }], next_cursor: null })
  })
})
