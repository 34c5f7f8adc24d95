import { randomUUID } from "node:crypto"
import { afterEach, expect } from "vitest"
import { createIngestion } from "../../src/app/ingest.ts"
import { createMetrics } from "../../src/app/observability/metrics.ts"
import { NewConnection } from "../../src/core/api/resources/connection.ts"
import { NewEndpoint } from "../../src/core/api/resources/endpoint.ts"
import type { Pool } from "../../src/store/connection/pool.ts"
import { openDirectory } from "../../src/store/directory/directory.ts"
import { createVault } from "../../src/store/directory/vault.ts"
import { createStores } from "../../src/store/stores.ts"
import { breaches } from "../platforms/support/contract.ts"
import { APP_SECRET, sign } from "./onehook.ts"
import { newId } from "./rows.ts"

const KEY = new Uint8Array(32).fill(7)
const vault = createVault([{ id: "k1", key: KEY }])
const failOn = (error: unknown) => {
  throw error
}

export type Platform = "facebook" | "instagram" | "whatsapp"

/** The ingest pipeline of one gateway process on a store. Several may share a store. */
export async function startGateway(pool: Pool, instanceKey = KEY) {
  const directory = await openDirectory(pool, vault, failOn, failOn)
  const closers: (() => unknown)[] = [() => directory.close()]
  const metrics = createMetrics()
  const errors: unknown[] = []
  const { ingest } = await createIngestion({
    pool,
    directory,
    metrics,
    queue: { wake: async () => {} } as never,
    instanceKey,
    newId,
    onClose: (close) => void closers.push(close),
    onStoreError: (error) => void errors.push(error),
    onQueueError: failOn,
  })
  return {
    directory,
    metrics,
    errors,
    async post(platform: Platform, body: unknown, appId = "app_default"): Promise<void> {
      const text = JSON.stringify(body)
      const app = { id: appId, secrets: [APP_SECRET] }
      const webhook = { app, platform, bytes: Buffer.from(text), signature: sign(text) }
      expect(await ingest(webhook)).toEqual({ kind: "accepted" })
    },
    async close() {
      for (const close of closers.reverse()) await close()
    },
  }
}

type Gateway = Awaited<ReturnType<typeof startGateway>>

/** Returns a function that starts gateways, which are closed after the test. */
export function useGateways(pool: () => Pool) {
  const open: Gateway[] = []
  afterEach(async () => {
    for (const gateway of open.splice(0)) await gateway.close()
  })
  return async (...[store = pool(), instanceKey]: Partial<Parameters<typeof startGateway>>) => {
    const gateway = await startGateway(store, instanceKey)
    open.push(gateway)
    return gateway
  }
}

/** A customer with one page and one endpoint that subscribes to these events. */
export async function addCustomer(pool: Pool, platform: Platform, events: string[] = ["*"], more: object = {}) {
  const stores = createStores(pool, vault)
  const customerId = newId("cus")
  const pageId = randomUUID().replace(/\D/g, "").slice(0, 15)
  await stores.customers.create({ id: customerId, name: "Test" })
  const page = NewConnection.parse({ platform, page_id: pageId, waba_id: `9${pageId}` })
  await stores.connections.create({ ...page, id: newId("con"), customer_id: customerId, status: "active" }, 10)
  const endpoint = NewEndpoint.parse({ url: "https://example.com/", events, ...more })
  const id = newId("ep")
  await stores.endpoints.create({ ...endpoint, id, customer_id: customerId, secret: "whsec_c2VjcmV0" }, 10)
  return {
    id: customerId,
    pageId,
    endpointId: id,
    contacts: stores.contacts,
    remove: () => stores.customers.remove(customerId),
    /** The stored events in order of arrival; each is checked against the contract. */
    async events(): Promise<StoredEvent[]> {
      const { rows } = await pool.query<{ body: string }>(
        "select body from events where customer_id = $1 order by seq",
        [customerId],
      )
      return rows.map(({ body }) => {
        const event = JSON.parse(body)
        expect(breaches(event)).toBeNull()
        return event
      })
    },
    /** The names of the events with a delivery, in order. */
    async delivered(): Promise<string[]> {
      const { rows } = await pool.query<{ event: string }>(
        "select event from deliveries where customer_id = $1 order by id",
        [customerId],
      )
      return rows.map(({ event }) => event)
    },
    async list() {
      return (await stores.contacts.list(customerId, {}, { limit: 100, after: null })).data
    },
  }
}

export type TestCustomer = Awaited<ReturnType<typeof addCustomer>>

export interface StoredEvent {
  id: string
  event: string
  from: string
  conversation_id: string
  message?: { body: string; id: string }
  identity?: { id: string; aliases_known?: number } & Record<string, unknown>
  previous_identity?: Record<string, unknown>
}
