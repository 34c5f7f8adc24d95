import { randomBytes, randomUUID } from "node:crypto"
import { Writable } from "node:stream"
import type { FastifyInstance, FastifyPluginAsync } from "fastify"
import { pino } from "pino"
import { afterAll, beforeAll } from "vitest"
import { createApp } from "../../src/http/app.ts"
import type { AppDeps } from "../../src/http/deps.ts"
import { createTestEvents } from "../../src/ingest/test-event.ts"
import { createAddressPolicy } from "../../src/sender/address-policy.ts"
import type { Pool } from "../../src/store/connection/pool.ts"
import { createVault } from "../../src/store/directory/vault.ts"
import { createStores } from "../../src/store/stores.ts"
import { openEmbedded } from "../support/embedded-store.ts"
import { describeStores } from "../support/stores.ts"
import { assertDocumented } from "./routing/openapi-contract.ts"

export const ADMIN_KEY = "operator-key-of-the-tests-0123456789abcdef"
export const PUBLIC_URL = "https://hooks.example.com"

export interface Call {
  method?: "GET" | "POST" | "PATCH" | "DELETE"
  url: string
  key?: string
  customer?: string
  body?: unknown
  headers?: Record<string, string>
}

interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: the server's response, checked by assertions
  body: any
  headers: Record<string, unknown>
  text: string
}

/** Runs a suite over the API on every store engine. */
export function describeApi(name: string, suite: (api: () => Api) => void, overrides: Partial<AppDeps> = {}) {
  describeStores(name, (pool) => {
    let api: Api
    beforeAll(async () => {
      api = await startApi(pool(), overrides)
    })
    afterAll(() => api?.app.close())
    suite(() => api)
  })
}

/** One embedded store, shared by the tests of a file. */
export function useStore(): () => Pool {
  let pool: Pool
  beforeAll(async () => {
    pool = await openEmbedded()
  })
  afterAll(() => pool?.close())
  return () => pool
}

/** The API on an embedded store, for behaviour that does not depend on the engine. */
export function useApi(overrides: Partial<AppDeps> = {}, store: () => Pool = useStore()): () => Api {
  let api: Api
  beforeAll(async () => {
    api = await startApi(store(), overrides)
  })
  afterAll(() => api?.app.close())
  return () => api
}

/** The API with a manual clock and a captured log. */
async function startApi(pool: Pool, overrides: Partial<AppDeps>) {
  const vault = createVault([{ id: "k1", key: new Uint8Array(32).fill(7) }])
  const stores = createStores(pool, vault)
  const log: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk))
      done()
    },
  })
  const clock = { nowMs: Date.now() }
  const changed: (string | null)[] = []
  const woken: string[] = []
  const app = await createApp({
    stores,
    adminKeys: [{ name: "operator", key: ADMIN_KEY }],
    logger: pino({ level: "debug" }, stream),
    routing: {
      async changed(customerId) {
        changed.push(customerId)
      },
    },
    testEvent: createTestEvents({ instanceKey: new Uint8Array(32), nonce: randomUUID, now: () => clock.nowMs }),
    wake: (endpointId) => void woken.push(endpointId),
    cursorSecret: new Uint8Array(32),
    checkUrl: async (url) => createAddressPolicy().checkUrl(url),
    now: () => clock.nowMs,
    randomBytes: (size) => randomBytes(size),
    publicUrl: () => PUBLIC_URL,
    plugins: [] as FastifyPluginAsync[],
    version: "0.0.0-test",
    rateLimits: { requests: 100_000, failures: 100_000 },
    // `inject` waits for the complete response, so a stream must end soon.
    streams: { maxAgeMs: 100, pollMs: 5 },
    ...overrides,
  })
  await app.ready()
  return {
    app,
    pool,
    vault,
    stores,
    log,
    clock,
    changed,
    woken,
    call: (call: Call) => inject(app, call),
    asOperator: (call: Call) => inject(app, { key: ADMIN_KEY, ...call }),
  }
}

export type Api = Awaited<ReturnType<typeof startApi>>

async function inject(app: FastifyInstance, call: Call): Promise<Answer> {
  const response = await app.inject({
    method: call.method ?? "GET",
    url: call.url,
    headers: {
      ...(call.key ? { authorization: `Bearer ${call.key}` } : {}),
      ...(call.customer ? { "onehook-customer": call.customer } : {}),
      ...call.headers,
    },
    ...(call.body === undefined ? {} : { payload: call.body as object }),
  })
  const isJson = /json/.test(String(response.headers["content-type"]))
  const body = isJson && response.body !== "" ? JSON.parse(response.body) : undefined
  await assertDocumented(app, call.method ?? "GET", call.url, response.statusCode, body)
  return { status: response.statusCode, body, headers: response.headers, text: response.body }
}

/** A customer with a key that has all scopes. */
export async function newCustomer(api: Api, name = "Acme") {
  const { body: customer } = await api.asOperator({ method: "POST", url: "/v1/customers", body: { name } })
  const key = await newKey(api, customer.id, ["read", "write", "send", "admin"])
  const as = (call: Call) => api.call({ key, ...call })
  // Objects created next get a later time.
  api.clock.nowMs += 1
  return { id: customer.id as string, key, as }
}

export async function newKey(api: Api, customerId: string, scopes: string[], more: object = {}): Promise<string> {
  const url = `/v1/customers/${customerId}/api-keys`
  const { body } = await api.asOperator({ method: "POST", url, body: { name: "test", scopes, ...more } })
  return body.key
}
