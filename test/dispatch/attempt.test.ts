import { describe, expect, test } from "vitest"
import type { AttemptRecord, Content, Delivery } from "../../src/core/delivery/delivery.ts"
import type { Endpoint, EndpointSecret } from "../../src/core/delivery/endpoint.ts"
import type { Outcome } from "../../src/core/delivery/outcome.ts"
import { createEndpointSecret, verifyMetaSignature } from "../../src/core/delivery/signature.ts"
import { createAttempt } from "../../src/dispatch/attempt.ts"

const NOW = 1_790_000_000_000
const DELIVERY: Delivery = {
  id: "dlv_1",
  customerId: "cus_1",
  eventId: "evt_1",
  attempts: 0,
  createdAtMs: NOW - 5,
  body: '{"platform":"facebook","signature_verified":true,"id":"evt_1"}',
  compactLength: '{"platform":"facebook","signature_verified":true'.length,
  raw: '{"object":"page"}',
  conversationId: null,
  trigger: null,
  big: null,
}

/** Newest first, as the directory gives them. */
function secret(fill: number, expiresAtMs: number | null): EndpointSecret {
  const key = Buffer.alloc(32, fill)
  return { text: createEndpointSecret(key), key, expiresAtMs }
}

const ENDPOINT: Endpoint = {
  id: "ep_1",
  customerId: "cus_1",
  url: "https://example.com/hook",
  description: "",
  active: true,
  recovering: false,
  revisionMs: 0,
  events: new Set(["*"]),
  platforms: null,
  pageIds: null,
  messageTypes: null,
  statuses: null,
  direction: null,
  payload: "full",
  includeRaw: false,
  maxConcurrency: 8,
  maxRate: null,
  ordered: false,
  retryScheduleMs: null,
  headers: { "x-own": "1" },
  hubSignature: false,
  secrets: [secret(1, null), secret(2, NOW + 1_000), secret(3, NOW - 1_000)],
}

const SENT = { remoteAddress: "192.0.2.1", timings: { dns: 1, connect: 2, tls: 3, firstByte: 4 } }

const answered = (status: number): Outcome => ({ kind: "response", status, retryAfterMs: null, excerpt: "text" })

/** Makes one attempt and returns what it did; `meanwhile` is the endpoint as it is when the answer arrives. */
async function attempt(
  outcome: Outcome,
  endpoint: Partial<Endpoint> = {},
  refuse: (record: AttemptRecord) => boolean = () => false,
  meanwhile: Endpoint | undefined = ENDPOINT,
  { delivery = DELIVERY, content = null as Content | null } = {},
) {
  const seen = {
    requests: [] as { headers: Record<string, string>; body: string }[],
    records: [] as AttemptRecord[],
    gone: [] as string[],
    answers: [] as unknown[],
  }
  const run = createAttempt({
    endpoint: () => meanwhile,
    read: async (_delivery, withRaw) => content && { ...content, raw: withRaw ? content.raw : null },
    async send(request) {
      seen.requests.push(request)
      return { outcome, startedAtMs: NOW, durationMs: 12, ...SENT }
    },
    async record(record) {
      if (refuse(record)) throw new Error("refused")
      seen.records.push(record)
    },
    async gone({ id }) {
      seen.gone.push(id)
    },
    now: () => NOW,
    random: () => 0,
    onAttempt: () => {},
  })
  const result = await run({ ...ENDPOINT, ...endpoint }, delivery, (...given) => seen.answers.push(given))
  return { ...seen, ...result }
}

describe("an attempt", () => {
  test("is signed with every live secret and the event's id, and carries the endpoint's custom headers", async () => {
    const { requests } = await attempt(answered(200))
    expect(requests[0]?.headers).toMatchObject({
      "webhook-id": "evt_1",
      "webhook-timestamp": String(NOW / 1000),
      "x-own": "1",
    })
    expect(requests[0]?.headers["webhook-signature"]?.split(" ")).toHaveLength(2)
    expect(requests[0]?.headers).not.toHaveProperty("x-hub-signature-256")
  })

  test.each([
    ['{"authorization":"Bearer to/ken+01==","x-own":"1"}', '{"authorization":"***","x-own":"1"}'],
    ["Bearer token: to/ken+01==", "Bearer token: ***"],
    ['{"token":"to\\/ken+01=="}', '{"token":"***"}'],
    ["to/ken+01==second", "***"],
  ])("masks the values of the endpoint's headers in a stored answer: %s", async (excerpt, kept) => {
    const headers = { ...ENDPOINT.headers, authorization: "Bearer to/ken+01==", "x-2": "to/ken+01==second" }
    const { records } = await attempt({ kind: "response", status: 500, retryAfterMs: null, excerpt }, { headers })
    expect(records).toMatchObject([{ status: 500, response: kept }])
  })

  test("is signed in Meta's format if the endpoint asks for it, with the oldest live secret", async () => {
    const [request] = (await attempt(answered(200), { hubSignature: true })).requests
    const signature = request?.headers["x-hub-signature-256"]
    const checked = (fill: number) =>
      verifyMetaSignature(Buffer.from(request?.body ?? ""), signature, [secret(fill, null).text])
    expect([1, 2, 3].map(checked)).toEqual(["mismatch", "valid", "mismatch"])
  })

  test.each([
    ["full", false, DELIVERY.body],
    ["compact", false, '{"platform":"facebook","signature_verified":true}'],
    ["compact", true, '{"platform":"facebook","signature_verified":true,"raw":{"object":"page"}}'],
    ["full", true, `${DELIVERY.body.slice(0, -1)},"raw":{"object":"page"}}`],
  ] as const)("sends payload %s, raw %s", async (payload, includeRaw, body) => {
    const { requests } = await attempt(answered(200), { payload, includeRaw })
    expect(requests[0]?.body).toBe(body)
  })

  const big = { ...DELIVERY, body: "", raw: null, big: { bytes: 20_000, day: "2026-09-21" } }

  test.each([
    [false, DELIVERY.body],
    [true, `${DELIVERY.body.slice(0, -1)},"raw":{"object":"page"}}`],
  ])("of a big delivery reads its content first, raw %s", async (includeRaw, body) => {
    const { requests, records } = await attempt(answered(200), { includeRaw }, undefined, ENDPOINT, {
      delivery: big,
      content: DELIVERY,
    })
    expect(requests.map((request) => request.body)).toEqual([body])
    expect(records).toMatchObject([{ verdict: "delivered" }])
  })

  test("of a big delivery without content is not made, and says nothing about the endpoint", async () => {
    const { requests, records, answers, retryInMs } = await attempt(answered(200), {}, undefined, ENDPOINT, {
      delivery: big,
    })
    expect([requests, records, retryInMs]).toEqual([[], [], null])
    expect(answers).toMatchObject([[{ kind: "fault" }, "retry"]])
  })

  test("that failed returns when the next one is due", async () => {
    const { records, retryInMs } = await attempt(answered(500))
    expect(retryInMs).toBe(5_000)
    expect(records).toMatchObject([{ number: 1, verdict: "retry", status: 500, response: "text", retryInMs: 5_000 }])
  })

  test("that is answered 410 ends the delivery and reports the endpoint as gone", async () => {
    const { records, gone } = await attempt(answered(410))
    expect(records).toMatchObject([{ verdict: "exhausted", status: 410, retryInMs: null }])
    expect(gone).toEqual(["ep_1"])
  })

  test("that is answered 410 by an endpoint that was changed meanwhile is retried", async () => {
    const changed = { ...ENDPOINT, url: "https://example.com/new", revisionMs: 1 }
    const { records, gone } = await attempt(answered(410), {}, () => false, changed)
    expect(records).toMatchObject([{ verdict: "retry", status: 410, retryInMs: 5_000 }])
    expect(gone).toEqual([])
  })

  test("on which our own code fails three times gives up its delivery with the error, and no other", async () => {
    const records: AttemptRecord[] = []
    const run = createAttempt({
      endpoint: () => ENDPOINT,
      read: async () => null,
      async send({ headers }) {
        if (headers["webhook-id"] === "evt_poison") throw new TypeError("ours")
        return { outcome: answered(200), startedAtMs: NOW, durationMs: 12, ...SENT }
      },
      record: async (record) => void records.push(record),
      gone: async () => {},
      now: () => NOW,
      random: () => 0,
      onAttempt: () => {},
    })
    for (const attempts of [0, 1, 2]) {
      await run(ENDPOINT, { ...DELIVERY, id: "dlv_poison", eventId: "evt_poison", attempts }, () => {})
      await run(ENDPOINT, DELIVERY, () => {})
    }
    const of = (id: string) => records.filter(({ deliveryId }) => deliveryId === id)
    expect(of("dlv_poison").map(({ verdict, error }) => [verdict, error])).toEqual([
      ["retry", "internal_TypeError"],
      ["retry", "internal_TypeError"],
      ["exhausted", "internal_TypeError"],
    ])
    expect(of("dlv_1").map(({ verdict }) => verdict)).toEqual(["delivered", "delivered", "delivered"])
  })

  test("that was blocked does not show the customer the address", async () => {
    const { records } = await attempt({ kind: "blocked", reason: "10.0.0.7 is private" })
    expect(records).toMatchObject([{ outcome: "blocked", error: "address_not_allowed", response: null }])
  })

  test("whose answer the store refuses is recorded without it, and not repeated", async () => {
    const { records } = await attempt(answered(200), {}, ({ response }) => response !== null)
    expect(records).toMatchObject([{ verdict: "delivered", status: 200, response: null, error: "unrecordable" }])
  })
})
