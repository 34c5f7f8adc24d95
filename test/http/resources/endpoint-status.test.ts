import { expect, test } from "vitest"
import { describeApi, newCustomer } from "../harness.ts"
import { commitEvent } from "../records.ts"

describeApi("an endpoint", (api) => {
  async function newEndpoint() {
    const customer = await newCustomer(api())
    const { body } = await customer.as({
      method: "POST",
      url: "/v1/endpoints",
      body: { url: "https://one.example.com" },
    })
    const at = `/v1/endpoints/${body.id}`
    const receive = () => commitEvent(api(), { customerId: customer.id, endpointId: body.id })
    const states = async (query = "") => {
      const { body: list } = await customer.as({ url: `/v1/deliveries${query}` })
      return list.data.map(({ state }: { state: string }) => state)
    }
    const post = (verb: string, more = {}) => customer.as({ method: "POST", url: `${at}/${verb}`, body: more })
    const patch = (status: string) => customer.as({ method: "PATCH", url: at, body: { status } })
    return { ...customer, endpointId: body.id as string, at, receive, states, post, patch }
  }

  test("is disabled and enabled, and enabling wakes a dispatcher for held deliveries", async () => {
    const { endpointId, post } = await newEndpoint()
    expect((await post("disable")).body).toMatchObject({ status: "disabled", disabled_reason: "requested" })
    expect(api().woken).not.toContain(endpointId)
    expect((await post("enable")).body).toMatchObject({ status: "active", disabled_reason: null })
    expect(api().woken).toContain(endpointId)
  })

  test("is paused and resumed through its status, but cannot be disabled by a patch", async () => {
    const { endpointId, patch } = await newEndpoint()
    expect((await patch("paused")).body).toMatchObject({ status: "paused", disabled_reason: null })
    expect((await patch("active")).body.status).toBe("active")
    expect(api().woken).toContain(endpointId)
    expect((await patch("disabled")).body.errors).toEqual([
      { path: "status", message: 'must be one of active, paused; "disabled" is not' },
    ])
  })

  test("can be created paused", async () => {
    const { as } = await newCustomer(api())
    const body = { url: "https://one.example.com", status: "paused" }
    expect((await as({ method: "POST", url: "/v1/endpoints", body })).body.status).toBe("paused")
  })

  test("with a URL of an internal address is refused on creation and update", async () => {
    const { as, at } = await newEndpoint()
    const inside = ["https://169.254.169.254/", "https://[::ffff:10.0.0.1]/", "https://2130706433/", "http://a.example"]
    for (const url of inside) {
      const created = await as({ method: "POST", url: "/v1/endpoints", body: { url } })
      const changed = await as({ method: "PATCH", url: at, body: { url } })
      for (const refused of [created, changed]) {
        expect(refused).toMatchObject({ status: 422, body: { code: "invalid_body", errors: [{ path: "url" }] } })
      }
    }
    expect((await as({ url: at })).body.url).toBe("https://one.example.com")
  })

  test.each(["paused", "disabled"])("that is %s still records its deliveries, as held", async (status) => {
    const { receive, states, post, patch, as } = await newEndpoint()
    await receive()
    expect(await states("?state=pending")).toEqual(["pending"])
    await (status === "paused" ? patch("paused") : post("disable"))
    const { deliveryId } = await receive()
    expect(await states()).toEqual(["held", "held"])
    expect(await states("?state=held")).toEqual(["held", "held"])
    expect(await states("?state=pending")).toEqual([])
    expect((await as({ url: `/v1/deliveries/${deliveryId}` })).body).toMatchObject({ state: "held", due_at: null })
    await post("enable")
    expect(await states()).toEqual(["pending", "pending"])
    expect(await states("?state=held")).toEqual([])
  })

  test("can be enabled with recover none, which cancels held deliveries with a reason", async () => {
    const { receive, states, post, as } = await newEndpoint()
    await post("disable")
    const { deliveryId } = await receive()
    expect((await post("enable", { recover: "none" })).status).toBe(200)
    expect((await as({ url: `/v1/deliveries/${deliveryId}` })).body).toMatchObject({
      state: "canceled",
      canceled_reason: "not_recovered",
      due_at: null,
      finished_at: expect.any(String),
    })
    await receive()
    expect(await states()).toEqual(["pending", "canceled"])
  })

  test("that is already active loses nothing when it is enabled again", async () => {
    const { receive, states, post } = await newEndpoint()
    await receive()
    await post("enable", { recover: "none" })
    expect(await states()).toEqual(["pending"])
    expect((await post("enable", { recover: "all" })).body.errors).toEqual([
      { path: "recover", message: 'must be one of held, none; "all" is not' },
    ])
  })

  test("that is enabled starts with its failure history cleared", async () => {
    const { endpointId, post, as, at } = await newEndpoint()
    await api().pool.query(
      "insert into endpoint_health (endpoint_id, failing_since, failures) values ($1, '2026-01-01T00:00:00Z', 99)",
      [endpointId],
    )
    expect((await as({ url: at })).body.failing_since).toBe("2026-01-01T00:00:00.000Z")
    await post("enable")
    expect((await as({ url: at })).body.failing_since).toBe("2026-01-01T00:00:00.000Z")
    await post("disable")
    expect((await post("enable")).body.failing_since).toBeNull()
  })

  test("that is deleted has its waiting deliveries canceled with a reason", async () => {
    const { receive, as, at } = await newEndpoint()
    const { deliveryId } = await receive()
    expect((await as({ method: "DELETE", url: at })).status).toBe(204)
    expect((await as({ url: at })).status).toBe(404)
    expect((await as({ url: `/v1/deliveries/${deliveryId}` })).body).toMatchObject({
      state: "canceled",
      canceled_reason: "endpoint_deleted",
      due_at: null,
      finished_at: expect.any(String),
    })
  })
})
