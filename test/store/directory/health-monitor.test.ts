import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { NewEndpoint } from "../../../src/core/api/resources/endpoint.ts"
import { OperationalEvent } from "../../../src/core/event/operational-event.ts"
import { createHealthMonitor } from "../../../src/dispatch/health-monitor.ts"
import { type OpenDirectory, openDirectory } from "../../../src/store/directory/directory.ts"
import { createEndpointHealthStore } from "../../../src/store/directory/endpoint-health.ts"
import { createVault } from "../../../src/store/directory/vault.ts"
import { createStores } from "../../../src/store/stores.ts"
import { newId } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ALL = [
  "endpoint.failing",
  "endpoint.recovered",
  "endpoint.disabled",
  "endpoint.secret_expiring",
  "delivery.exhausted",
] as const
const vault = createVault([{ id: "k1", key: new Uint8Array(32).fill(7) }])
const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`

describeStores("the health monitor", (pool) => {
  let directory: OpenDirectory
  const fail = (error: unknown) => {
    throw error
  }
  beforeAll(async () => {
    directory = await openDirectory(pool(), vault, fail, fail)
  })
  afterAll(() => directory?.close())

  /** A customer with a monitored endpoint, one that gets the operational events, and a clock. */
  async function world() {
    const stores = createStores(pool(), vault)
    const customerId = `cus_${randomUUID()}`
    await stores.customers.create({ id: customerId, name: "Acme" })
    const endpoint = async (id: string, events: NewEndpoint["events"]) => {
      const base = {
        url: "https://a.example",
        description: "shop",
        platforms: null,
        page_ids: null,
        payload: "compact",
      }
      const more = { include_raw: true, max_concurrency: 1, max_rate: null, retry_schedule: null, headers: {} }
      const given = {
        ...base,
        ...more,
        hub_signature: false,
        status: "active",
        ordering: "none",
        events,
        id,
        customer_id: customerId,
        secret: SECRET,
      }
      await stores.endpoints.create(given as never, 100)
      return id
    }
    const watched = await endpoint(newId("ep"), ["message.received", ...ALL])
    const operational = await endpoint(newId("ep"), [...ALL])
    await endpoint(newId("ep"), ["*"])
    await directory.changed(customerId)

    const clock = { nowMs: Date.now() }
    const woken: string[] = []
    const start = (settle = createEndpointHealthStore(pool()).settle) =>
      createHealthMonitor({
        ...directory,
        settle,
        onDisabled: () => directory.changed(customerId),
        wake: (ids) => void woken.push(...ids),
        newId,
        now: () => clock.nowMs,
      })
    const watch = start()
    const attempt = (succeeded: boolean, exhausted = false, eventId = "evt_1") =>
      watch.observe({ endpointId: watched, eventId, succeeded, exhausted })
    const told = async () => {
      const { rows } = await pool().query<{ endpoint_id: string; body: string }>(
        `select d.endpoint_id, e.body from deliveries d
         join events e on e.customer_id = d.customer_id and e.id = d.event_id
         where d.customer_id = $1 order by e.seq`,
        [customerId],
      )
      return rows.map(({ endpoint_id, body }) => ({ to: endpoint_id, ...OperationalEvent.parse(JSON.parse(body)) }))
    }
    const health = async () => {
      const { rows } = await pool().query("select * from endpoint_health where endpoint_id = $1", [watched])
      return rows[0]
    }
    return { customerId, stores, watched, operational, clock, woken, watch, start, attempt, told, health }
  }

  test("warns after 1, 3 and 4.5 days without a success, and disables after 5", async () => {
    const { stores, customerId, watched, operational, clock, woken, watch, attempt, told } = await world()
    const sinceMs = clock.nowMs
    for (let halfDays = 0; halfDays <= 10; halfDays++) {
      clock.nowMs = sinceMs + (halfDays * DAY) / 2
      for (let i = 0; i < 3; i++) attempt(false)
      await watch.settle()
    }
    const events = await told()
    expect(events.map(({ type }) => type)).toEqual([...Array(3).fill("endpoint.failing"), "endpoint.disabled"])
    expect(new Set(events.map(({ to }) => to))).toEqual(new Set([operational]))
    const since = new Date(sinceMs).toISOString()
    expect(events[1]).toMatchObject({
      timestamp: new Date(sinceMs + 3 * DAY).toISOString(),
      data: { endpoint_id: watched, description: "shop", failing_since: since, failures: 21, warning: 2 },
    })
    expect(events[3]?.data).toMatchObject({ reason: "it failed for five days", failing_since: since, failures: 33 })
    expect(await stores.endpoints.get(customerId, watched)).toMatchObject({
      status: "disabled",
      disabled_reason: "it failed for five days",
      failing_since: since,
    })
    expect(directory.endpoint(watched)?.active).toBe(false)
    expect(new Set(woken)).toEqual(new Set([operational]))
  })

  test("reports that an endpoint has recovered, and deletes its health", async () => {
    const { clock, watch, attempt, told, health } = await world()
    attempt(false)
    await watch.settle()
    clock.nowMs += DAY
    attempt(false)
    await watch.settle()
    attempt(false)
    attempt(true)
    await watch.settle()
    expect((await told()).map(({ type }) => type)).toEqual(["endpoint.failing", "endpoint.recovered"])
    expect(await health()).toBeUndefined()
  })

  test("writes nothing about a healthy endpoint or about a fault of Onehook", async () => {
    const { watched, watch, attempt, health } = await world()
    attempt(true)
    watch.observe({ endpointId: watched, eventId: "evt_1", succeeded: null, exhausted: false })
    await watch.settle()
    expect(await health()).toBeUndefined()
  })

  test("reports exhausted deliveries at once, then later ones together, and never those of operational events", async () => {
    const { clock, watch, start, attempt, told } = await world()
    attempt(false, true)
    attempt(false, true, "ope_1")
    await watch.settle()
    for (let i = 0; i < 50; i++) attempt(false, true)
    await watch.settle()
    await watch.settle()
    expect((await told()).map(({ data }) => "deliveries" in data && data.deliveries)).toEqual([1])
    clock.nowMs += HOUR
    await Promise.all([start().settle(), start().settle()])
    expect((await told()).map(({ data }) => "deliveries" in data && data.deliveries)).toEqual([1, 50])
  })

  test("reports once that a secret expires, however many dispatchers check", async () => {
    const { stores, customerId, watched, clock, watch, start, told } = await world()
    const rotation = { secret: SECRET, overlapMs: DAY, nowMs: clock.nowMs, maxLive: 5 }
    await stores.endpoints.rotateSecret(customerId, watched, rotation)
    await directory.changed(customerId)
    await watch.settle()
    expect(await told()).toEqual([])
    const expires_at = new Date(clock.nowMs + DAY).toISOString()
    clock.nowMs += 18 * HOUR + 1
    for (const each of [watch, watch, start()]) await each.settle()
    expect(await told()).toMatchObject([
      { type: "endpoint.secret_expiring", data: { endpoint_id: watched, expires_at } },
    ])
    clock.nowMs += 6 * HOUR
    await start().settle()
    expect(await told()).toHaveLength(1)
  })

  test("disables an endpoint that answers 410 at once, and reports it once", async () => {
    const { stores, customerId, watched, watch, told } = await world()
    const endpoint = directory.endpoint(watched)
    if (!endpoint) throw new Error("no endpoint")
    await watch.gone(endpoint)
    await watch.gone(endpoint)
    expect(await stores.endpoints.get(customerId, watched)).toMatchObject({
      status: "disabled",
      disabled_reason: "the endpoint answered 410",
    })
    expect(await told()).toMatchObject([{ type: "endpoint.disabled", data: { reason: "the endpoint answered 410" } }])
  })

  test("does not disable an endpoint whose former URL answered 410", async () => {
    const { stores, customerId, watched, watch, told } = await world()
    const before = directory.endpoint(watched)
    if (!before) throw new Error("no endpoint")
    await stores.endpoints.update(customerId, watched, { url: "https://b.example" }, () => {})
    await directory.changed(customerId)
    await watch.gone(before)
    expect(await stores.endpoints.get(customerId, watched)).toMatchObject({ status: "active" })
    expect(await told()).toEqual([])
  })

  test("counts what could not be written together with the next results", async () => {
    const { watched, start, health } = await world()
    const store = createEndpointHealthStore(pool())
    let away = true
    const watch = start(async (...given) => {
      if (away) throw new Error("away")
      return store.settle(...given)
    })
    const observe = () => watch.observe({ endpointId: watched, eventId: "evt_1", succeeded: false, exhausted: false })
    observe()
    await expect(watch.settle()).rejects.toThrow("away")
    away = false
    observe()
    await watch.settle()
    expect(await health()).toMatchObject({ failures: 2 })
  })

  test("deletes an endpoint's health with the endpoint", async () => {
    const { stores, customerId, watched, watch, attempt, health } = await world()
    attempt(false)
    await watch.settle()
    expect(await health()).toBeDefined()
    await stores.endpoints.remove(customerId, watched)
    attempt(false)
    await watch.settle()
    expect(await health()).toBeUndefined()
  })
})
