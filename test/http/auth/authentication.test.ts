import { describe, expect, test } from "vitest"
import { createApiKey } from "../../../src/core/api/api-key.ts"
import { createRequestIds } from "../../../src/http/routing/request-id.ts"
import { ADMIN_KEY, newCustomer, useApi } from "../harness.ts"

const api = useApi()

const refused = { status: 401, body: { code: "unauthorized" } }

test.each([
  undefined,
  "",
  "Basic b3BlcmF0b3I6eA==",
  "Bearer",
  "Bearer ",
  `Bearer ${ADMIN_KEY} x`,
  `Bearer ${"x".repeat(501)}`,
  ADMIN_KEY,
])("authorization %j is refused, and the response says how to send a key", async (authorization) => {
  const answer = await api().call({
    url: "/v1/customers",
    ...(authorization === undefined ? {} : { headers: { authorization } }),
  })
  expect(answer).toMatchObject(refused)
  expect(answer.body.detail).toBe("Send the API key as Authorization: Bearer <key>.")
})

test.each([ADMIN_KEY.slice(0, -1), `${ADMIN_KEY}0`, ADMIN_KEY.toUpperCase(), "x"])(
  "%j is not the operator's key",
  async (key) => {
    expect(await api().call({ url: "/v1/customers", key })).toMatchObject(refused)
  },
)

test("the scheme may be written in any case", async () => {
  const headers = { authorization: `bearer ${ADMIN_KEY}` }
  expect((await api().call({ url: "/v1/customers", headers })).status).toBe(200)
})

test("a key with a wrong checksum is refused without a database query", async () => {
  const { key } = await newCustomer(api())
  const wrong = key.slice(0, -1) + (key.endsWith("0") ? "1" : "0")
  const query = api().pool.query
  let queries = 0
  api().pool.query = (...args) => {
    queries += 1
    return query(...args)
  }
  expect(await api().call({ url: "/v1/events", key: wrong })).toMatchObject(refused)
  expect(queries).toBe(0)
  api().pool.query = query
})

test("a well-formed key that was never issued is refused", async () => {
  const { key } = createApiKey("live", new Uint8Array(42).fill(9))
  expect(await api().call({ url: "/v1/events", key })).toMatchObject(refused)
})

test("the public part of a key with another secret is refused", async () => {
  const { key } = await newCustomer(api())
  const random = new Uint8Array(42).fill(9)
  const other = createApiKey("live", random)
  await api().pool.query("update api_keys set public_id = $1 where public_id = $2", [
    other.publicId,
    `live_${key.split("_")[2]}`,
  ])
  expect(await api().call({ url: "/v1/events", key: other.key })).toMatchObject(refused)
})

test("concurrent requests with one key share one lookup", async () => {
  const { key } = await newCustomer(api())
  const { find } = api().stores.apiKeys
  let lookups = 0
  api().stores.apiKeys.find = (publicId) => {
    lookups += 1
    return find(publicId)
  }
  await Promise.all(Array.from({ length: 5 }, () => api().call({ url: "/v1/events", key })))
  expect(lookups).toBe(1)
  api().stores.apiKeys.find = find
})

test("every response has its own request id, errors included", async () => {
  const urls = ["/v1/customers", "/nowhere", "/docs", "/v1/customers/%zz"]
  const ids = await Promise.all(urls.map(async (url) => (await api().call({ url })).headers["x-request-id"]))
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-z]{8}_[0-9a-z]+$/)
  expect(new Set(ids).size).toBe(urls.length)
})

test("two processes never generate the same request id", () => {
  const [one, two] = [1, 2].map((fill) => createRequestIds((size) => new Uint8Array(size).fill(fill)))
  expect(one?.()).not.toBe(two?.())
})

describe("several admin keys", () => {
  const [old, added] = ["old-".repeat(10), "new-".repeat(10)]
  const both = useApi({
    adminKeys: [
      { name: "new", key: added },
      { name: "old", key: old },
    ],
  })

  test("are all valid during a rotation, and no other is", async () => {
    for (const key of [old, added]) expect((await both().call({ url: "/v1/customers", key })).status).toBe(200)
    for (const key of [ADMIN_KEY, `new:${added}`, `${added},${old}`]) {
      expect(await both().call({ url: "/v1/customers", key })).toMatchObject(refused)
    }
  })
})
