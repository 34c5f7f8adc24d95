import { expect, test } from "vitest"
import { openDirectory } from "../../../src/store/directory/directory.ts"
import { describeApi, newCustomer } from "../harness.ts"

const URL_OF_ONE = "https://one.example.com/hook?x=1"

describeApi("endpoints", (api) => {
  async function newEndpoint(body: object = {}) {
    const customer = await newCustomer(api())
    const created = await customer.as({ method: "POST", url: "/v1/endpoints", body: { url: URL_OF_ONE, ...body } })
    expect(created.status).toBe(201)
    return { ...customer, endpoint: created.body, at: `/v1/endpoints/${created.body.id}` }
  }

  test("omitted fields get their defaults, and the secret is shown once", async () => {
    const { endpoint, as, at, id } = await newEndpoint()
    const { secret, ...shown } = endpoint
    expect(shown).toEqual({
      id: expect.stringMatching(/^ep_/),
      url: URL_OF_ONE,
      description: "",
      status: "active",
      disabled_reason: null,
      failing_since: null,
      events: ["message.received"],
      platforms: null,
      page_ids: null,
      message_types: null,
      statuses: null,
      direction: null,
      payload: "full",
      include_raw: false,
      max_concurrency: 32,
      max_rate: null,
      ordering: "none",
      retry_schedule: null,
      headers: {},
      hub_signature: false,
      secrets: [{ expires_at: null }],
      created_at: expect.any(String),
      updated_at: expect.any(String),
    })
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect((await as({ url: at })).body).toEqual(shown)
    expect((await as({ url: "/v1/endpoints" })).body).toEqual({ data: [shown], next_cursor: null })
    expect(api().changed.at(-1)).toBe(id)
  })

  const everything = {
    description: "d",
    events: ["message.received", "status.update"],
    platforms: ["whatsapp"],
    page_ids: ["1234567890123456789", "PAGE_ID"],
    message_types: ["text", "image"],
    statuses: ["delivered", "failed"],
    direction: "inbound",
    payload: "compact",
    include_raw: true,
    max_concurrency: 1,
    max_rate: 50,
    ordering: "conversation",
    retry_schedule: [1, 60, 3600],
    headers: { "X-Tenant": "a b" },
    hub_signature: true,
  }

  test("all given fields are stored, on creation and update", async () => {
    const { endpoint } = await newEndpoint(everything)
    expect(endpoint).toMatchObject({ ...everything, headers: { "x-tenant": "***" } })
    const { as, at } = await newEndpoint()
    const changed = await as({ method: "PATCH", url: at, body: { ...everything, url: "https://two.example.com" } })
    expect(changed.body).toMatchObject({
      ...everything,
      headers: { "x-tenant": "***" },
      url: "https://two.example.com",
    })
    const back = await as({
      method: "PATCH",
      url: at,
      body: { platforms: null, page_ids: null, retry_schedule: null, headers: {} },
    })
    expect(back.body).toMatchObject({
      platforms: null,
      page_ids: null,
      retry_schedule: null,
      headers: {},
      payload: "compact",
    })
  })

  test("a retry schedule has at most 19 waits, so a delivery has at most 20 attempts", async () => {
    const longest = Array.from({ length: 19 }, (_, retry) => retry + 1)
    const { endpoint } = await newEndpoint({ retry_schedule: longest })
    expect(endpoint.retry_schedule).toEqual(longest)
    const directory = await openDirectory(
      api().pool,
      api().vault,
      () => {},
      () => {},
    )
    const schedule = directory.endpoint(endpoint.id)?.retryScheduleMs
    expect(schedule).toEqual([0, ...longest].map((seconds) => seconds * 1000))
    await directory.close()
  })

  test("header values are encrypted", async () => {
    const { endpoint } = await newEndpoint({ headers: { authorization: "Bearer geheim" } })
    const { rows } = await api().pool.query<{ headers: string }>("select headers from endpoints where id = $1", [
      endpoint.id,
    ])
    const { headers = "" } = rows[0] ?? {}
    expect(headers).not.toContain("geheim")
    expect(JSON.parse(api().vault.decrypt(headers, `endpoints:${endpoint.id}`))).toEqual({
      authorization: "Bearer geheim",
    })
  })

  test.each([
    ["url", "no url", "the URL is not valid"],
    ["url", "http://one.example.com", "the URL must use https"],
    ["url", 7, "must be a string"],
    ["description", "x".repeat(501), "must have at most 500 characters"],
    ["description", "a\u0000b", "must not contain control characters"],
    ["events", [], "must have at least 1 items"],
    ["events", ["message.received", "message.received"], "must not repeat a value"],
    ["page_ids", ["a/b"], "must be 1 to 64 digits or letters, as Meta shows the id"],
    ["page_ids", [12345678901234], "must be a string: a number of this size loses digits"],
    ["platforms", ["telegram"], 'must be one of facebook, instagram, whatsapp; "telegram" is not'],
    ["payload", "raw", 'must be one of full, compact; "raw" is not'],
    ["include_raw", "yes", "must be a boolean"],
    ["max_concurrency", 101, "must be at most 100"],
    ["max_concurrency", 1.5, "must be an integer"],
    ["max_rate", 0, "must be at least 1"],
    ["ordering", "page", 'must be one of none, conversation; "page" is not'],
    ["max_rate", 1001, "must be at most 1000"],
    ["retry_schedule", Array(20).fill(1), "must have at most 19 items"],
    ["retry_schedule", [604_800, 1], "must add up to at most 7 days (604800)"],
    ["retry_schedule", [0], "must be at least 1"],
    ["headers", { Host: "x" }, "is reserved: Onehook or the connection sets it"],
    ["headers", { "webhook-id": "x" }, "is reserved: Onehook or the connection sets it"],
    ["headers", { "transfer-encoding": "x" }, "is reserved: Onehook or the connection sets it"],
    ["headers", { "a b": "x" }, "is not a header name"],
    ["headers", { "x-a": "geheim\r\nx-b: 1" }, "must be 1 to 1024 visible ASCII characters"],
    ["headers", { "x-a": "1", "X-A": "2" }, "must name each header once, whatever the case"],
    [
      "headers",
      Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`x-${n}`, "1"])),
      "must be at most 20 headers",
    ],
  ])("%s %j is refused: %s", async (field, value, message) => {
    const { as } = await newCustomer(api())
    const body = { url: URL_OF_ONE, [field]: value }
    const refused = await as({ method: "POST", url: "/v1/endpoints", body })
    expect(refused).toMatchObject({ status: 422, body: { code: "invalid_body" } })
    expect(refused.body.errors).toHaveLength(1)
    expect(refused.body.errors[0]).toMatchObject({ path: expect.stringMatching(`^${field}`), message })
    expect(refused.text).not.toContain("geheim")
  })

  test("an unknown event is refused, and the error lists the known ones", async () => {
    const { as } = await newCustomer(api())
    const refused = await as({
      method: "POST",
      url: "/v1/endpoints",
      body: { url: URL_OF_ONE, events: ["message.sent"] },
    })
    expect(refused.body.errors[0].message).toMatch(
      /must be one of message\.received, .*webhook\.test, endpoint\.failing, .*, \*; "message\.sent" is not/,
    )
  })

  test.each(["secret", "id"])("%s is refused as an unknown key", async (key) => {
    const { as, at } = await newEndpoint()
    for (const call of [
      { method: "POST", url: "/v1/endpoints" },
      { method: "PATCH", url: at },
    ] as const) {
      const refused = await as({ ...call, body: { url: URL_OF_ONE, [key]: 1 } })
      expect(refused.body.errors).toEqual([
        { path: key, message: expect.stringMatching(/^is not a known key; allowed are url, /) },
      ])
    }
  })

  test("a customer can have only as many as the limit allows", async () => {
    const { as, id } = await newEndpoint()
    await api().pool.query(
      `insert into endpoints (id, customer_id, url, status, events, payload, include_raw, max_concurrency, secrets)
       select 'ep_fill' || n, $1, 'https://x.example', 'active', '{}', 'full', false, 1, '[]' from generate_series(2, 200) n`,
      [id],
    )
    const refused = await as({ method: "POST", url: "/v1/endpoints", body: { url: URL_OF_ONE } })
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: "limit_reached",
        detail: "The limit is 200 endpoints. Delete one first. The operator can raise it.",
      },
    })
  })
})
