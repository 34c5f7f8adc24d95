import { expect, onTestFinished, test } from "vitest"
import { createPositionCursors } from "../../../src/core/api/position-cursor.ts"
import { createEventStreams } from "../../../src/http/streams/event-streams.ts"
import { newCustomer, useApi } from "../harness.ts"
import { commitEvent } from "../records.ts"

async function readAll(stream: AsyncIterable<string>) {
  const seen = []
  for await (const text of stream) seen.push(text)
  return seen
}

const cursors = createPositionCursors(new Uint8Array(32))

/** No stream reaches its maximum age or sends a heartbeat. */
const PATIENT = { perCustomer: 1, heartbeatMs: 600_000, maxAgeMs: 600_000, pollMs: 60_000 }

/** Finds no events, after a delay. */
const eventsThatAreRead = (reading: () => Promise<void>) => ({
  horizon: async () => 0,
  currentHorizon: async () => 0,
  arrived: async () => [],
  async follow() {
    await reading()
    return { data: [], next: 0, full: false }
  },
})

const api = useApi({ streams: { ...PATIENT, pollMs: 5 } })

test("a stream gets no events that arrive after its key is revoked", async () => {
  const { id: customerId, key, as } = await newCustomer(api())
  const base = await api().app.listen({ host: "127.0.0.1", port: 0 })
  const stream = await fetch(`${base}/v1/events/stream`, { headers: { authorization: `Bearer ${key}` } })
  const texts = (stream.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  onTestFinished(() => void texts.return?.())
  expect(Buffer.from((await texts.next()).value).toString()).toMatch(/^retry: /)
  const { body } = await as({ url: "/v1/api-keys" })
  await as({ method: "DELETE", url: `/v1/api-keys/${body.data[0].id}` })
  await commitEvent(api(), { customerId })
  expect(await texts.next()).toEqual({ done: true, value: undefined })
})

test("a stream ends when its key is revoked, even if there is always another full page", async () => {
  const streams = createEventStreams({
    cursors,
    events: {
      horizon: async () => 0,
      currentHorizon: async () => 0,
      arrived: async () => [],
      follow: async (_customerId, _filter, { after }) => ({
        data: [{ at: after + 1, body: "{}" }],
        next: after + 1,
        full: true,
      }),
    },
    limits: { perCustomer: 1, heartbeatMs: 0, maxAgeMs: 60_000, pollMs: 60_000 },
    onError: expect.unreachable,
  })
  let asked = 0
  const isStillAuthorized = async () => ++asked < 3
  const signal = new AbortController().signal
  const stream = await streams.open({ customerId: "cus_a", filter: {}, after: 0, isStillAuthorized, signal })
  const seen = []
  for await (const text of stream) if (seen.push(text) > 9) break
  expect(seen).toHaveLength(3)
})

test("a stream that is ended while it reads does not wait for more events", async () => {
  let reads = 0
  const streams = createEventStreams({
    cursors,
    events: eventsThatAreRead(async () => {
      if (++reads === 2) streams.end()
    }),
    limits: PATIENT,
    onError: expect.unreachable,
  })
  const signal = new AbortController().signal
  const stream = await streams.open({
    customerId: "cus_a",
    filter: {},
    after: 0,
    isStillAuthorized: async () => true,
    signal,
  })
  expect(await readAll(stream)).toHaveLength(1)
})

test("a stream that ends late does not affect streams opened since", async () => {
  const ending = new AbortController()
  const { promise: read, resolve: go } = Promise.withResolvers<void>()
  const streams = createEventStreams({
    cursors,
    events: eventsThatAreRead(() => read),
    limits: PATIENT,
    onError: expect.unreachable,
  })
  onTestFinished(streams.end)
  const open = (signal = new AbortController().signal) =>
    streams.open({ customerId: "cus_a", filter: {}, after: 0, isStillAuthorized: async () => true, signal })
  const first = readAll(await open(ending.signal))
  ending.abort()
  await open()
  go()
  await first
  await expect(open()).rejects.toThrow("1 open streams")
})
