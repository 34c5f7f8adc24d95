import { expect, test } from "vitest"
import { describeApi, newCustomer } from "../harness.ts"
import { commitEvent, recordAttempt } from "../records.ts"

describeApi("customers", (api) => {
  test("the operator creates, reads, renames and deletes a customer", async () => {
    const created = await api().asOperator({ method: "POST", url: "/v1/customers", body: { name: "Bäckerei 🥐" } })
    expect(created.status).toBe(201)
    const { id } = created.body
    expect(created.body).toEqual({
      id: expect.stringMatching(/^cus_/),
      name: "Bäckerei 🥐",
      limits: { endpoints: 200, api_keys: 100, connections: 10_000, apps: 20, replays: 10 },
      created_at: expect.any(String),
    })
    const url = `/v1/customers/${id}`
    expect((await api().asOperator({ url })).body).toEqual(created.body)
    expect((await api().asOperator({ method: "PATCH", url, body: { name: "B" } })).body.name).toBe("B")
    expect((await api().asOperator({ method: "PATCH", url, body: {} })).body.name).toBe("B")
    expect((await api().asOperator({ method: "DELETE", url })).status).toBe(204)
    expect((await api().asOperator({ url })).status).toBe(404)
    expect((await api().asOperator({ method: "DELETE", url })).status).toBe(404)
    expect(api().changed.slice(-2)).toEqual([id, id])
  })

  test("the operator sets a customer's limits, which apply to what is created next", async () => {
    const { id, as } = await newCustomer(api())
    const other = await newCustomer(api())
    const url = `/v1/customers/${id}`
    const limit = (limits: object) => api().asOperator({ method: "PATCH", url, body: { limits } })
    const shown = await limit({ endpoints: 1, api_keys: 1, apps: 0, connections: 0, replays: 0 })
    expect(shown.body.limits).toEqual({ endpoints: 1, api_keys: 1, apps: 0, connections: 0, replays: 0 })
    const create = (path: string, body: object) => as({ method: "POST", url: `/v1/${path}`, body })
    const endpoint = await create("endpoints", { url: "https://a.example" })
    expect(endpoint.status).toBe(201)
    for (const [path, body] of [
      ["endpoints", { url: "https://a.example" }],
      ["api-keys", {}],
      ["apps", { secrets: ["0123456789abcdef"] }],
      ["connections", { platform: "facebook", page_id: `p${id}` }],
      [`endpoints/${endpoint.body.id}/replays`, { after: "2026-01-01T00:00:00Z" }],
    ] as const) {
      expect(await create(path, body)).toMatchObject({ status: 409, body: { code: "limit_reached" } })
    }
    expect((await other.as({ method: "POST", url: "/v1/api-keys", body: {} })).status).toBe(201)
    expect((await limit({ endpoints: null, apps: 3 })).body.limits).toMatchObject({
      endpoints: 200,
      api_keys: 1,
      apps: 3,
    })
    expect((await create("endpoints", { url: "https://a.example" })).status).toBe(201)
    expect(await limit({ endpoints: -1, nonsense: 1 })).toMatchObject({
      status: 422,
      body: { errors: [{ path: "limits.endpoints" }, { path: "limits.nonsense" }] },
    })
  })

  test("times are ISO 8601 in UTC", async () => {
    const { body } = await api().asOperator({ method: "POST", url: "/v1/customers", body: { name: "A" } })
    expect(new Date(body.created_at).toISOString()).toBe(body.created_at)
  })

  test("the list is paged, newest first, and stays consistent while customers are added", async () => {
    const names = ["p1", "p2", "p3", "p4", "p5"]
    for (const name of names) {
      api().clock.nowMs += 1
      await api().asOperator({ method: "POST", url: "/v1/customers", body: { name } })
    }
    const first = await api().asOperator({ url: "/v1/customers?limit=2" })
    await api().asOperator({ method: "POST", url: "/v1/customers", body: { name: "late" } })
    const second = await api().asOperator({ url: `/v1/customers?limit=2&cursor=${first.body.next_cursor}` })
    const seen = [...first.body.data, ...second.body.data].map(({ name }) => name)
    expect(seen).toEqual(["p5", "p4", "p3", "p2"])
  })

  test("the last page has a null next_cursor", async () => {
    let cursor = ""
    const seen: string[] = []
    for (;;) {
      const { body } = await api().asOperator({ url: `/v1/customers?limit=3${cursor}` })
      seen.push(...body.data.map(({ id }: { id: string }) => id))
      if (body.next_cursor === null) break
      cursor = `&cursor=${body.next_cursor}`
    }
    const { rows } = await api().pool.query<{ n: number }>("select count(*)::int as n from customers")
    expect(new Set(seen).size).toBe(rows[0]?.n)
    expect(seen).toEqual([...seen].sort().reverse())
  })

  test("deleting a customer deletes all its data", async () => {
    const { id, key, as } = await newCustomer(api(), "to be deleted")
    const other = await newCustomer(api(), "to be kept")
    const { body: endpoint } = await as({ method: "POST", url: "/v1/endpoints", body: { url: "https://a.example" } })
    await as({ method: "POST", url: "/v1/connections", body: { platform: "facebook", page_id: "del1" } })
    await as({ method: "POST", url: "/v1/apps", body: { secrets: ["0123456789abcdef"] } })
    await as({
      method: "POST",
      url: "/v1/apps",
      body: { secrets: ["0123456789abcdef"] },
      headers: { "idempotency-key": "a" },
    })
    const { deliveryId } = await commitEvent(api(), { customerId: id, endpointId: endpoint.id })
    await recordAttempt(api(), { endpointId: endpoint.id, deliveryId, attempts: 0 }, {})
    const kept = await commitEvent(api(), { customerId: other.id })

    expect((await api().asOperator({ method: "DELETE", url: `/v1/customers/${id}` })).status).toBe(204)

    const tables = [
      "api_keys",
      "apps",
      "connections",
      "endpoints",
      "events",
      "deliveries",
      "attempts",
      "idempotency_keys",
    ]
    for (const table of tables) {
      const { rows } = await api().pool.query(`select 1 from ${table} where customer_id = $1`, [id])
      expect(rows, table).toEqual([])
    }
    expect((await api().call({ url: "/v1/events", key })).status).toBe(401)
    expect((await other.as({ url: `/v1/events/${kept.eventId}` })).status).toBe(200)
  })
})
