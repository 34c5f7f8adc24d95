import { randomUUID } from "node:crypto"
import { Redis } from "ioredis"
import { afterAll, describe, expect, inject, test } from "vitest"
import { newAdminKey } from "../../../src/app/config/data-directory.ts"
import { createApiKey } from "../../../src/core/api/api-key.ts"
import { ADMIN_KEY, type Api, newCustomer, newKey, useApi, useStore } from "../harness.ts"

const store = useStore()
const unknown = (fill: number) => createApiKey("live", new Uint8Array(42).fill(fill)).key

describe("requests per key", () => {
  const api = useApi({ rateLimits: { requests: 3 } }, store)

  test("a key's responses show its limit, and requests beyond it are refused; other keys and the operator are unaffected", async () => {
    const { id, as } = await newCustomer(api())
    const headers = []
    for (let count = 0; count < 3; count++) headers.push((await as({ url: "/v1/events" })).headers)
    expect(headers.map((one) => [one["ratelimit-limit"], one["ratelimit-remaining"]])).toEqual([
      ["3", "2"],
      ["3", "1"],
      ["3", "0"],
    ])
    const refused = await as({ url: "/v1/events" })
    expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } })
    expect(refused.headers).toMatchObject({
      "ratelimit-remaining": "0",
      "retry-after": refused.headers["ratelimit-reset"],
    })
    const other = await newKey(api(), id, ["read"])
    expect((await api().call({ url: "/v1/events", key: other })).status).toBe(200)
    for (let count = 0; count < 9; count++) expect((await api().asOperator({ url: "/v1/customers" })).status).toBe(200)
  })
})

describe("failed authentications per address", () => {
  const api = useApi({ rateLimits: { failures: 3 } }, store)

  test("after three failures wrong keys are refused at once, and correct keys still work", async () => {
    const { as } = await newCustomer(api())
    expect((await as({ url: "/v1/events" })).status).toBe(200)
    for (let count = 0; count < 3; count++)
      expect((await api().call({ url: "/v1/customers", key: `guess${count}` })).status).toBe(401)
    const guessed = await api().call({ url: "/v1/customers", key: "guess" })
    expect(guessed).toMatchObject({
      status: 429,
      body: { code: "rate_limited" },
      headers: { "retry-after": expect.any(String) },
    })
    expect((await as({ url: "/v1/events" })).status).toBe(200)
    expect((await api().call({ url: "/v1/customers", key: ADMIN_KEY })).status).toBe(200)
  })

  test("at the limit a key that this gateway has never seen is still recognized", async () => {
    const { id } = await newCustomer(api())
    const key = await newKey(api(), id, ["read"])
    const statuses = []
    for (let fill = 2; fill < 6; fill++)
      statuses.push((await api().call({ url: "/v1/events", key: unknown(fill) })).status)
    expect(statuses).toEqual([401, 401, 401, 429])
    expect((await api().call({ url: "/v1/events", key })).status).toBe(200)
  })
})

describe("refused customer keys", () => {
  const adminKey = newAdminKey()
  const api = useApi({ adminKeys: [{ name: "operator", key: adminKey }], rateLimits: { failures: 3 } }, store)

  test("do not lock out an operator at the same address whose key has a similar prefix", async () => {
    const statuses = []
    for (let fill = 2; fill < 6; fill++)
      statuses.push((await api().call({ url: "/v1/events", key: unknown(fill) })).status)
    for (const key of ["ohk_live_x", "ohk_test_x"]) statuses.push((await api().call({ url: "/v1/events", key })).status)
    expect(statuses).toEqual([401, 401, 401, 429, 429, 429])
    expect((await api().call({ url: "/v1/customers", key: adminKey })).status).toBe(200)
  })

  test("are counted apart from guesses at the operator's key", async () => {
    const statuses = []
    for (let guess = 0; guess < 4; guess++)
      statuses.push((await api().call({ url: "/v1/customers", key: `ohk_admin_${guess}` })).status)
    expect(statuses).toEqual([401, 401, 401, 429])
    expect((await api().call({ url: "/v1/events", key: unknown(6) })).status).toBe(429)
    expect((await api().call({ url: "/v1/customers", key: adminKey })).status).toBe(200)
  })
})

describe("the client address", () => {
  const direct = useApi({ rateLimits: { failures: 1 } }, store)
  const proxied = useApi({ rateLimits: { failures: 1 }, trustProxy: ["127.0.0.1"] }, store)
  const statusFor = async (api: Api, forwardedFor: string) => {
    const headers = { "x-forwarded-for": forwardedFor }
    return (await api.call({ url: "/v1/customers", key: "guess", headers })).status
  }

  test("is the one that a trusted proxy sends, and the last one if there are several", async () => {
    expect(await statusFor(proxied(), "203.0.113.1")).toBe(401)
    expect(await statusFor(proxied(), "203.0.113.1")).toBe(429)
    expect(await statusFor(proxied(), "198.51.100.7, 203.0.113.1")).toBe(429)
    expect(await statusFor(proxied(), "203.0.113.2")).toBe(401)
  })

  test("is the same whatever port a proxy adds to it", async () => {
    expect(await statusFor(proxied(), "203.0.113.3:4711")).toBe(401)
    expect(await statusFor(proxied(), "203.0.113.3:4712")).toBe(429)
    expect(await statusFor(proxied(), "203.0.113.3")).toBe(429)
    expect(await statusFor(proxied(), "[2001:db8::1]:4711")).toBe(401)
    expect(await statusFor(proxied(), "2001:db8::1")).toBe(429)
  })

  test("is the connection's if no proxy is trusted", async () => {
    expect(await statusFor(direct(), "203.0.113.1")).toBe(401)
    expect(await statusFor(direct(), "203.0.113.2")).toBe(429)
  })
})

describe("a rate limiter that fails", () => {
  const redis = {
    defineCommand(name: string) {
      Object.assign(redis, {
        [name]: (...args: unknown[]) => (args.at(-1) as (error: Error) => void)(new Error("away")),
      })
    },
  }
  const api = useApi({ sharedCounts: { redis, prefix: "test" }, rateLimits: { requests: 1, failures: 1 } }, store)

  test("refuses no request", async () => {
    const { as } = await newCustomer(api())
    for (let count = 0; count < 3; count++) expect((await as({ url: "/v1/events" })).status).toBe(200)
    for (let count = 0; count < 3; count++) expect((await api().call({ url: "/v1/events", key: "x" })).status).toBe(401)
  })
})

describe.skipIf(inject("redisUrl") === null)("two gateways on one Redis", () => {
  const redis = new Redis(inject("redisUrl") ?? "", { lazyConnect: true })
  const sharedCounts = { redis, prefix: randomUUID() }
  const [one, two] = [1, 2].map(() => useApi({ sharedCounts, rateLimits: { requests: 3 } }, store)) as [
    () => Api,
    () => Api,
  ]
  const other = useApi({ sharedCounts: { redis, prefix: randomUUID() }, rateLimits: { requests: 3 } }, store)
  afterAll(() => redis.disconnect())

  test("count a key's requests together, apart from those of another installation", async () => {
    const { key } = await newCustomer(one())
    const statuses: number[] = []
    for (const api of [one, two, one, two]) statuses.push((await api().call({ url: "/v1/events", key })).status)
    expect(statuses).toEqual([200, 200, 200, 429])
    expect((await other().call({ url: "/v1/events", key })).status).toBe(200)
  })
})
