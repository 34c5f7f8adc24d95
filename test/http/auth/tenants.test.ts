import { expect, test } from "vitest"
import { describeApi, newCustomer, newKey } from "../harness.ts"
import { commitContact, commitEvent } from "../records.ts"
import { ROUTES, type RouteCase, SECRETS } from "../routes.ts"

describeApi("tenants", (api) => {
  /** A customer with one object of each kind; ids by the resource's name in the URL. */
  async function victim() {
    const { id, as } = await newCustomer(api(), "Victim GmbH")
    const app = await as({ method: "POST", url: "/v1/apps", body: SECRETS })
    const page = { platform: "facebook", page_id: `p${Math.random().toString(36).slice(2)}`, access_token: "EAAvictim" }
    const connection = await as({ method: "POST", url: "/v1/connections", body: page })
    const endpoint = await as({ method: "POST", url: "/v1/endpoints", body: { url: "https://victim.example" } })
    const { eventId, deliveryId } = await commitEvent(api(), { customerId: id, endpointId: endpoint.body.id })
    const replaysUrl = `/v1/endpoints/${endpoint.body.id}/replays`
    const replay = await as({ method: "POST", url: replaysUrl, body: { after: "2026-01-01T00:00:00Z" } })
    const keys = await as({ url: "/v1/api-keys" })
    const ids: Record<string, string> = {
      customers: id,
      apps: app.body.id,
      connections: connection.body.id,
      endpoints: endpoint.body.id,
      events: eventId,
      deliveries: deliveryId,
      contacts: await commitContact(api(), id),
      replays: replay.body.id,
      "api-keys": keys.body.data[0].id,
    }
    return { id, ids, as }
  }

  let known: ReturnType<typeof victim> | undefined

  /** Shared by all tests, since none of them may change it. */
  function untouched() {
    known ??= victim()
    return known
  }

  async function everythingOf({
    ids,
    as,
  }: {
    ids: Record<string, string>
    as: Awaited<ReturnType<typeof victim>>["as"]
  }) {
    const urls = ["apps", "connections", "endpoints", "events", "deliveries", "replays", "contacts"].map(
      (name) => `/v1/${name}/${ids[name]}`,
    )
    const answers = await Promise.all([...urls, "/v1/api-keys"].map((url) => as({ url })))
    return answers.map(({ status, body }) => ({ status, body: withoutUse(body) }))
  }

  const withoutUse = (body: unknown) => JSON.stringify(body).replaceAll(/"last_used_at":("[^"]*"|null)/g, "")

  function callOf(route: string, ids: Record<string, string>) {
    const [method, pattern = ""] = route.split(" ") as ["GET", string]
    const resource = pattern.split("/")[2] ?? ""
    const { body } = ROUTES[route] as RouteCase
    return { method, url: pattern.replace(":id", ids[resource] ?? "none_1"), ...(body ? { body } : {}) }
  }

  const routes = Object.entries(ROUTES)

  test("these tests cover every route under /v1", async () => {
    const { paths } = (await api().call({ url: "/openapi.json" })).body as {
      paths: Record<string, Record<string, unknown>>
    }
    const registered = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace("{id}", ":id")}`),
    )
    expect(registered.filter((route) => route.includes(" /v1/")).sort()).toEqual(Object.keys(ROUTES).sort())
    expect(api().app.printRoutes({ commonPrefix: false }).match(/v1\//g)?.length).toBeGreaterThan(0)
  })

  test.each(routes.filter(([route]) => route.includes(":id")))(
    "%s: another customer's object is 404",
    async (route, { who }) => {
      const target = await untouched()
      const attacker = await newCustomer(api(), "Attacker")
      const before = await everythingOf(target)
      const answer = await attacker.as(callOf(route, target.ids))
      expect(answer.status).toBe(who === "operator" ? 403 : 404)
      const nowhere = await attacker.as(callOf(route, {}))
      expect({ ...answer.body, instance: "" }).toEqual({ ...nowhere.body, instance: "" })
      expect(await everythingOf(target)).toEqual(before)
    },
  )

  test.each(routes.filter(([route, { who }]) => route.includes(":id") && who !== "operator"))(
    "%s: the object is also 404 for the operator acting for another customer",
    async (route) => {
      const target = await untouched()
      const { id } = await newCustomer(api(), "Someone else")
      expect((await api().asOperator({ ...callOf(route, target.ids), customer: id })).status).toBe(404)
    },
  )

  test.each(
    routes.filter(([route, { who }]) => route.startsWith("GET") && !route.includes(":id") && who !== "operator"),
  )("%s shows nothing of another customer", async (route) => {
    const target = await untouched()
    const { as } = await newCustomer(api(), "Attacker")
    const { text, status } = await as(callOf(route, {}))
    expect(status).toBe(200)
    for (const id of Object.values(target.ids)) expect(text).not.toContain(id)
  })

  test.each(routes)("%s requires a key", async (route) => {
    const target = await untouched()
    const answer = await api().call(callOf(route, target.ids))
    expect(answer).toMatchObject({
      status: 401,
      body: { code: "unauthorized" },
      headers: { "www-authenticate": "Bearer" },
    })
  })

  test.each(routes.filter(([, { scope }]) => scope))(
    "%s requires its scope, and no other scope suffices",
    async (route, { scope, also = [] }) => {
      const { id } = await newCustomer(api())
      const others = ["read", "write", "send", "admin"].filter((one) => one !== scope)
      const without = await newKey(api(), id, others)
      const refused = await api().call({ ...callOf(route, {}), key: without })
      expect(refused).toMatchObject({ status: 403, body: { code: "scope_missing" } })
      const withIt = await newKey(api(), id, [String(scope), ...also])
      const allowed = await api().call({ ...callOf(route, {}), key: withIt })
      expect([200, 201, 404]).toContain(allowed.status)
    },
  )

  test.each(routes.filter(([, { who }]) => who === "operator"))("%s is for the operator only", async (route) => {
    const { as, id } = await newCustomer(api())
    const refused = await as(callOf(route, { customers: id }))
    expect(refused).toMatchObject({ status: 403, body: { code: "operator_required" } })
  })

  test.each(routes.filter(([, { who }]) => who === "customer"))(
    "%s requires the operator to name a customer",
    async (route) => {
      const refused = await api().asOperator(callOf(route, {}))
      expect(refused).toMatchObject({ status: 400, body: { code: "customer_required" } })
      const nobody = await api().asOperator({ ...callOf(route, {}), customer: "cus_nobody" })
      expect(nobody.status).toBe(404)
    },
  )

  test("a customer's key cannot act for another customer", async () => {
    const [one, two] = [await newCustomer(api()), await newCustomer(api())]
    const refused = await one.as({ url: "/v1/endpoints", customer: two.id })
    expect(refused).toMatchObject({ status: 403, body: { code: "operator_required" } })
  })

  test("a cursor from another customer's list is refused", async () => {
    const target = await victim()
    await commitEvent(api(), { customerId: target.id })
    const { body } = await target.as({ url: "/v1/events?limit=1" })
    const attacker = await newCustomer(api())
    await commitEvent(api(), { customerId: attacker.id })
    const answer = await attacker.as({ url: `/v1/events?cursor=${body.next_cursor}` })
    expect([answer.status, answer.body.code]).toEqual([400, "invalid_query"])
  })
})
