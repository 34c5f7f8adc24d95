import { expect, test } from "vitest"
import { describeApi, newCustomer, newKey } from "../harness.ts"
import { commitContact, commitEvent } from "../records.ts"

const ENDPOINT = { url: "https://a.example/hook-secret", headers: { authorization: "Bearer hunter2" } }

/** A clock that never stands still: entries of one millisecond have no order. */
let nowMs = Date.now()
const ticking = {
  now() {
    nowMs += 1
    return nowMs
  },
}

describeApi(
  "the audit log",
  (api) => {
    const customerWithEndpoint = async () => {
      const customer = await newCustomer(api())
      const endpoint = await customer.as({ method: "POST", url: "/v1/endpoints", body: ENDPOINT })
      return { ...customer, endpointId: endpoint.body.id as string, at: `/v1/endpoints/${endpoint.body.id}` }
    }
    const entriesOf = async (customer: string, query = "") =>
      (await api().asOperator({ url: `/v1/audit-log?${query}`, customer })).body.data
    const operations = (entries: { operation: string }[]) => entries.map(({ operation }) => operation)

    test("says who changed what, when and from where, with the names of the fields but no value", async () => {
      const { id, as, endpointId, at } = await customerWithEndpoint()
      await as({ method: "PATCH", url: at, body: { description: "about hunter2" } })
      const [change, creation, ...earlier] = await entriesOf(id)
      const { data: keys } = (await as({ url: "/v1/api-keys" })).body
      const by = { actor: "customer", key_id: keys[0].id, key_name: "test", address: "127.0.0.1", customer_id: id }
      expect(change).toEqual({
        ...by,
        id: expect.stringMatching(/^aud_/),
        at: expect.stringMatching(/^2.*Z$/),
        operation: "updateEndpoint",
        object_id: endpointId,
        created_id: null,
        fields: ["description"],
        outcome: "done",
      })
      const fields = ["url", "headers"]
      expect(creation).toMatchObject({
        ...by,
        operation: "createEndpoint",
        object_id: null,
        created_id: endpointId,
        fields,
      })
      expect(operations(earlier)).toEqual(["createCustomerApiKey", "createCustomer"])
      expect(earlier[0]).toMatchObject({ actor: "operator", key_id: null, key_name: "operator", object_id: id })
      const { rows } = await api().pool.query("select audit_log::text as text from audit_log")
      expect(JSON.stringify(rows)).not.toMatch(/hunter2|hook-secret|ohk_/)
    })

    test("has one row for each change of every kind of object", async () => {
      const { id, as, endpointId, at } = await customerWithEndpoint()
      const { deliveryId } = await commitEvent(api(), { customerId: id, endpointId })
      const contactId = await commitContact(api(), id)
      const post = (url: string, body: object = {}) => as({ method: "POST", url, body })
      const app = (await post("/v1/apps", { secrets: ["0123456789abcdef"] })).body.id
      await as({ method: "PATCH", url: `/v1/apps/${app}`, body: { name: "n" } })
      const page = { platform: "facebook", page_id: `p${endpointId}` }
      const connection = (await post("/v1/connections", page)).body.id
      await api().asOperator({ method: "POST", url: `/v1/connections/${connection}/activate` })
      await as({ method: "PATCH", url: `/v1/connections/${connection}`, body: { name: "n" } })
      await as({ method: "DELETE", url: `/v1/connections/${connection}` })
      await as({ method: "DELETE", url: `/v1/apps/${app}` })
      await post(`${at}/rotate-secret`)
      await post(`${at}/revoke-secrets`)
      await post(`${at}/disable`)
      await post(`${at}/enable`)
      await post(`${at}/test`)
      const replay = (await post(`${at}/replays`, { after: "2026-01-01T00:00:00Z" })).body.id
      await post(`/v1/replays/${replay}/cancel`)
      await post(`/v1/deliveries/${deliveryId}/retry`)
      await as({ method: "DELETE", url: `/v1/contacts/${contactId}` })
      const key = (await post("/v1/api-keys")).body.id
      await post(`/v1/api-keys/${key}/rotate`)
      await as({ method: "DELETE", url: `/v1/api-keys/${key}` })
      await as({ method: "DELETE", url: at })
      await api().asOperator({ method: "PATCH", url: `/v1/customers/${id}`, body: { name: "n" } })
      await api().asOperator({ method: "DELETE", url: `/v1/customers/${id}` })
      const { data } = (await api().asOperator({ url: "/v1/audit-log?limit=250" })).body
      const own = data.filter((entry: { customer_id: string }) => entry.customer_id === id)
      expect(own.every(({ outcome }: { outcome: string }) => outcome === "done")).toBe(true)
      expect(operations(own).reverse()).toEqual(
        `createCustomer createCustomerApiKey createEndpoint createApp updateApp createConnection activateConnection
       updateConnection deleteConnection deleteApp rotateEndpointSecret revokeEndpointSecrets disableEndpoint
       enableEndpoint testEndpoint createReplay cancelReplay retryDelivery deleteContact createApiKey rotateApiKey
       revokeApiKey deleteEndpoint updateCustomer deleteCustomer`.split(/\s+/),
      )
    })

    test("has nothing of requests that change nothing: refused, repeated, counted only", async () => {
      const { id, as, at } = await customerWithEndpoint()
      const before = await entriesOf(id)
      const key = await newKey(api(), id, ["read"])
      await api().call({ method: "PATCH", url: at, key, body: { description: "d" } })
      await as({ method: "PATCH", url: at, body: { nonsense: 1 } })
      await as({ method: "PATCH", url: "/v1/endpoints/ep_none", body: { description: "d" } })
      await as({ method: "POST", url: `${at}/replays`, body: { after: "2026-01-01T00:00:00Z", dry_run: true } })
      const headers = { "idempotency-key": `once-${id}` }
      for (let count = 0; count < 2; count++) await as({ method: "POST", url: `${at}/disable`, headers })
      const after = await entriesOf(id)
      expect(operations(after).slice(0, -before.length)).toEqual(["disableEndpoint", "createCustomerApiKey"])
    })

    test("shows a customer its own changes only, and not who works for the operator", async () => {
      const one = await customerWithEndpoint()
      const two = await customerWithEndpoint()
      const { data } = (await one.as({ url: "/v1/audit-log" })).body
      expect(data.map((entry: { customer_id: string }) => entry.customer_id)).toEqual([one.id, one.id, one.id])
      expect(data.at(-1)).toMatchObject({
        operation: "createCustomer",
        actor: "operator",
        key_name: null,
        address: null,
      })
      expect(JSON.stringify(data)).not.toContain(two.id)
      expect(operations((await one.as({ url: `/v1/audit-log?object_id=${two.endpointId}` })).body.data)).toEqual([])
    })

    test("is filtered by operation, object, key and time, and paged", async () => {
      const { id, as, endpointId, at } = await customerWithEndpoint()
      nowMs += 60_000
      const noon = new Date(nowMs).toISOString()
      await as({ method: "POST", url: `${at}/disable` })
      const found = async (query: string) => operations(await entriesOf(id, query))
      expect(await found("operation=disableEndpoint")).toEqual(["disableEndpoint"])
      expect(await found(`object_id=${endpointId}`)).toEqual(["disableEndpoint", "createEndpoint"])
      expect(await found(`after=${noon}`)).toEqual(["disableEndpoint"])
      expect(await found(`before=${noon}`)).toEqual(["createEndpoint", "createCustomerApiKey", "createCustomer"])
      const { data: keys } = (await as({ url: "/v1/api-keys" })).body
      expect(await found(`key_id=${keys[0].id}`)).toEqual(["disableEndpoint", "createEndpoint"])
      const first = (await as({ url: "/v1/audit-log?limit=1" })).body
      const second = (await as({ url: `/v1/audit-log?limit=1&cursor=${first.next_cursor}` })).body
      expect(operations([...first.data, ...second.data])).toEqual(["disableEndpoint", "createEndpoint"])
    })

    test("a change that cannot be recorded is not made", async () => {
      const { as, at } = await customerWithEndpoint()
      const { begin } = api().stores.audit
      api().stores.audit.begin = async () => {
        throw Object.assign(new Error("the disk is full"), { code: "53100" })
      }
      const refused = await as({ method: "PATCH", url: at, body: { description: "unrecorded" } })
      api().stores.audit.begin = begin
      expect(refused.status).toBeGreaterThanOrEqual(500)
      expect((await as({ url: at })).body.description).toBe("")
    })

    test("a change whose result cannot be recorded stays as unknown, and the log says so", async () => {
      const { id, as, at } = await customerWithEndpoint()
      const { finish } = api().stores.audit
      api().stores.audit.finish = async () => {
        throw new Error("the store is away")
      }
      expect((await as({ method: "POST", url: `${at}/disable` })).status).toBe(200)
      api().stores.audit.finish = finish
      const [entry] = await entriesOf(id)
      expect(entry).toMatchObject({ operation: "disableEndpoint", outcome: "unknown" })
      expect(api().log.filter((line) => line.includes(entry.id))).toHaveLength(1)
    })

    test("a change that fails half-way stays as unknown", async () => {
      const { id, as, at } = await customerWithEndpoint()
      const { setStatus } = api().stores.endpoints
      api().stores.endpoints.setStatus = async () => {
        throw new Error("bug")
      }
      expect((await as({ method: "POST", url: `${at}/disable` })).status).toBe(500)
      api().stores.endpoints.setStatus = setStatus
      expect((await entriesOf(id))[0]).toMatchObject({ operation: "disableEndpoint", outcome: "unknown" })
    })
  },
  ticking,
)
