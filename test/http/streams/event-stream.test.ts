import { once } from "node:events"
import { get, type IncomingMessage } from "node:http"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest"
import { type ServerSentEvent, serverSentEvents } from "../../../src/cli/client/server-sent-events.ts"
import { noRows } from "../../../src/core/commit-rows.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { eventRows } from "../../support/rows.ts"
import { until } from "../../support/until.ts"
import { type Api, describeApi, newCustomer, useApi } from "../harness.ts"
import { commitEvent } from "../records.ts"

const LIMITS = { perCustomer: 2, heartbeatMs: 60, maxAgeMs: 60_000, pollMs: 5 }

type Customer = Awaited<ReturnType<typeof newCustomer>>

/** Opens a stream and reads it in the background. */
async function openStream(base: string, { key }: Customer, query = "", lastId?: string) {
  const aborted = new AbortController()
  onTestFinished(() => aborted.abort())
  const response = await fetch(`${base}/v1/events/stream${query}`, {
    headers: { authorization: `Bearer ${key}`, ...(lastId ? { "last-event-id": lastId } : {}) },
    signal: aborted.signal,
  })
  const seen: ServerSentEvent[] = []
  const ended = (async () => {
    for await (const event of serverSentEvents(response.body as AsyncIterable<Uint8Array>)) seen.push(event)
  })().catch(() => {})
  if (response.ok) await until(() => seen.length > 0, "the position at which the stream starts")
  const events = () => seen.filter(({ data }) => data !== "")
  const ids = () => events().map(({ data }) => JSON.parse(data).id)
  return { response, seen, events, ids, ended, abort: () => aborted.abort() }
}

describeApi(
  "the stream of events",
  (api) => {
    let base: string
    beforeAll(async () => {
      base = await api().app.listen({ host: "127.0.0.1", port: 0 })
    })
    afterAll(() => api().app.close())

    const open = (customer: Customer, query?: string, lastId?: string) => openStream(base, customer, query, lastId)
    const add = async (customer: Customer, given: object = {}) =>
      (await commitEvent(api(), { customerId: customer.id, ...given })).eventId

    test("sends events as they are committed, each as it was stored, and none of another customer", async () => {
      const [customer, other] = [await newCustomer(api()), await newCustomer(api())]
      await add(customer)
      const stream = await open(customer)
      expect(Object.fromEntries(stream.response.headers)).toMatchObject({
        "content-type": "text/event-stream",
        "cache-control": "no-store",
      })
      const ids = [await add(customer), await add(customer)]
      await add(other)
      ids.push(await add(customer))
      await until(() => stream.ids().length === 3, "three events")
      expect(stream.ids()).toEqual(ids)
      const stored = await customer.as({ url: `/v1/events/${ids[0]}` })
      expect(stream.events()[0]?.data).toBe(stored.text)
    })

    test("continues after the client's last event, with each event that arrived in between once", async () => {
      const customer = await newCustomer(api())
      const first = await open(customer)
      const seen = [await add(customer), await add(customer)]
      await until(() => first.ids().length === 2, "two events")
      first.abort()
      const missed = []
      for (let count = 0; count < 150; count++) missed.push(await add(customer))
      const again = await open(customer, "", first.events()[0]?.id)
      await until(() => again.ids().length === 151, "the events that arrived in between")
      const live = await add(customer)
      await until(() => again.ids().length === 152, "a new event")
      expect(again.ids()).toEqual([seen[1], ...missed, live])
    })

    test("loses no event between the response headers and the first event", async () => {
      const customer = await newCustomer(api())
      const first = await open(customer)
      const last = first.seen[0]?.id
      first.abort()
      const id = await add(customer)
      const again = await open(customer, "", last)
      await until(() => again.ids().length === 1, "the event")
      expect(again.ids()).toEqual([id])
    })

    test("starts at the cursor of a list in ascending order", async () => {
      const customer = await newCustomer(api())
      const ids = [await add(customer), await add(customer), await add(customer)]
      const { body } = await customer.as({ url: "/v1/events?order=asc&limit=1" })
      const stream = await open(customer, `?cursor=${body.next_cursor}`)
      await until(() => stream.ids().length === 2, "two events")
      expect(stream.ids()).toEqual(ids.slice(1))
    })

    test("accepts the same filters as the list", async () => {
      const customer = await newCustomer(api())
      const stream = await open(customer, "?event=status.update&page_id=2")
      await add(customer)
      await add(customer, { event: "status.update", pageId: "1" })
      const id = await add(customer, { event: "status.update", pageId: "2" })
      await until(() => stream.ids().length > 0, "an event")
      expect(stream.ids()).toEqual([id])
    })

    test("sends heartbeats whose id moves past filtered events", async () => {
      const customer = await newCustomer(api())
      const stream = await open(customer, "?event=lead.received")
      await add(customer)
      const start = Number(position(stream.seen[0]))
      await until(() => Number(position(stream.seen.at(-1))) > start, "a later position")
      expect(stream.ids()).toEqual([])
    })

    test("ends when the key is revoked", async () => {
      const customer = await newCustomer(api())
      const stream = await open(customer)
      const { body } = await customer.as({ url: "/v1/api-keys" })
      await customer.as({ method: "DELETE", url: `/v1/api-keys/${body.data[0].id}` })
      await stream.ended
    })

    test("is refused to a customer at the stream limit, until one ends", async () => {
      const [customer, other] = [await newCustomer(api()), await newCustomer(api())]
      const streams = [await open(customer), await open(customer)]
      const refused = await open(customer)
      expect(refused.response.status).toBe(409)
      expect((await open(other)).response.status).toBe(200)
      streams[0]?.abort()
      await until(async () => (await open(customer)).response.ok, "a free stream")
    })

    test("holds one page in memory for a reader who pauses, who misses no event", async () => {
      const customer = await newCustomer(api())
      await commitLarge(api(), customer.id, 400)
      const follow = vi.spyOn(api().stores.events, "follow")
      onTestFinished(() => follow.mockRestore())
      const cursor = Buffer.from("after:0").toString("base64url")
      const headers = { authorization: `Bearer ${customer.key}` }
      const request = get(`${base}/v1/events/stream?cursor=${cursor}`, { headers })
      onTestFinished(() => void request.destroy())
      const [response] = (await once(request, "response")) as [IncomingMessage]
      const pagesOf = () => follow.mock.calls.filter(([id]) => id === customer.id).length
      await until(async () => {
        const before = pagesOf()
        await delay(200)
        return before > 0 && pagesOf() === before
      }, "the server to stop reading")
      expect(pagesOf()).toBeLessThan(20)
      let count = 0
      for await (const { data } of serverSentEvents(response)) {
        if (data !== "") count += 1
        if (count === 400) break
      }
    })

    test.each([
      ["a cursor of another list", "?cursor=ZXZ0OjE", undefined, 400, "invalid_query"],
      ["a cursor that is none", "?cursor=x", undefined, 400, "invalid_query"],
      ["an id that is none", "", "evt_1", 400, "bad_request"],
      ["a filter that is none", "?events=x", undefined, 400, "invalid_query"],
    ])("refuses %s", async (_name, query, lastId, status, code) => {
      const { as } = await newCustomer(api())
      const headers = lastId ? { "last-event-id": lastId } : {}
      expect(await as({ url: `/v1/events/stream${query}`, headers })).toMatchObject({ status, body: { code } })
    })

    test("polls for events only while a client is connected", async () => {
      const customer = await newCustomer(api())
      const stream = await open(customer)
      stream.abort()
      const horizon = vi.spyOn(api().stores.events, "arrived")
      onTestFinished(() => horizon.mockRestore())
      await until(async () => {
        horizon.mockClear()
        await add(customer)
        await delay(50)
        return horizon.mock.calls.length === 0
      }, "the look-out to end")
    })
  },
  { streams: LIMITS },
)

const position = (event: ServerSentEvent | undefined) =>
  Buffer.from(event?.id ?? "", "base64url")
    .toString()
    .replace("after:", "")

/** Events of 100 KB each. */
async function commitLarge(api: Api, customerId: string, count: number) {
  const body = JSON.stringify({ text: "x".repeat(100_000) })
  for (let done = 0; done < count; done += 50) {
    const events = Array.from({ length: 50 }, () => eventRows({ customerId, endpointId: "ep_none", body }).events[0])
    await commit(api.pool, { ...noRows(), events: events as never })
  }
}

describeApi(
  "a stream whose gateway closes",
  (api) => {
    test("ends, and lets it close", async () => {
      const base = await api().app.listen({ host: "127.0.0.1", port: 0 })
      const stream = await openStream(base, await newCustomer(api()))
      await api().app.close()
      await stream.ended
    })
  },
  { streams: LIMITS },
)

describe("a reader who takes nothing for too long", () => {
  const api = useApi({ streams: LIMITS, timeouts: { requestMs: 100, checkMs: 20 } })
  afterAll(() => api().app.close())

  test("is disconnected", async () => {
    const base = await api().app.listen({ host: "127.0.0.1", port: 0 })
    const customer = await newCustomer(api())
    await commitLarge(api(), customer.id, 400)
    const cursor = Buffer.from("after:0").toString("base64url")
    const headers = { authorization: `Bearer ${customer.key}` }
    const request = get(`${base}/v1/events/stream?cursor=${cursor}`, { headers })
    request.on("error", () => {})
    onTestFinished(() => void request.destroy())
    const [response] = (await once(request, "response")) as [IncomingMessage]
    response.on("error", () => {})
    const open = () =>
      new Promise<number>((resolve) => api().app.server.getConnections((_error, count) => resolve(count)))
    await until(async () => (await open()) === 0, "the server to end the connection")
  })
})
