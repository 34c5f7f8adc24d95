import { expect, test } from "vitest"
import { describeApi, newCustomer, newKey } from "../harness.ts"
import { commitEvent } from "../records.ts"

const URL_OF_ONE = "https://one.example.com/hook?x=1"
const HEADERS = { authorization: "Bearer of-the-receiver" }

describeApi("a key that may only write", (api) => {
  async function given(endpoint: object = {}) {
    const customer = await newCustomer(api())
    const { body } = await customer.as({ method: "POST", url: "/v1/endpoints", body: { url: URL_OF_ONE, ...endpoint } })
    const writeKey = await newKey(api(), customer.id, ["write"])
    const at = `/v1/endpoints/${body.id}`
    const write = (url: string, given?: object) => api().call({ key: writeKey, method: "POST", url, body: given })
    const patch = (given: object, key = customer.key) => api().call({ key, method: "PATCH", url: at, body: given })
    return { ...customer, endpointId: body.id as string, at, writeKey, write, patch }
  }

  const REFUSED = { status: 403, body: { code: "scope_missing", detail: expect.stringContaining('"read"') } }

  test("cannot replay stored events, not even to count them", async () => {
    const { at, write, as } = await given()
    for (const dry_run of [true, false]) {
      expect(await write(`${at}/replays`, { after: "2026-01-01T00:00:00Z", dry_run })).toMatchObject(REFUSED)
    }
    expect((await as({ url: "/v1/replays" })).body.data).toEqual([])
  })

  test("cannot send a stored delivery again", async () => {
    const { id, endpointId, write } = await given()
    const { deliveryId } = await commitEvent(api(), { customerId: id, endpointId })
    expect(await write(`/v1/deliveries/${deliveryId}/retry`)).toMatchObject(REFUSED)
  })

  test("cannot send what waits for an endpoint to another origin", async () => {
    const { as, at, patch, writeKey } = await given()
    expect(await patch({ url: "https://two.example.com" }, writeKey)).toMatchObject(REFUSED)
    expect((await as({ url: at })).body.url).toBe(URL_OF_ONE)
    expect((await patch({ url: "https://one.example.com/other", description: "d" }, writeKey)).status).toBe(200)
  })

  test.each(["https://two.example.com/hook", "https://one.example.com:8443/hook?x=1"])(
    "nobody learns header values by changing url to %s: they must be given again",
    async (url) => {
      const { as, at, patch } = await given({ headers: HEADERS })
      const refused = await patch({ url })
      expect(refused).toMatchObject({
        status: 422,
        body: { code: "invalid_body", errors: [{ path: "headers", message: expect.stringContaining("again") }] },
      })
      expect((await as({ url: at })).body).toMatchObject({ url: URL_OF_ONE, headers: { authorization: "***" } })
      expect((await patch({ url, headers: {} })).body).toMatchObject({ url, headers: {} })
    },
  )

  test("header values stay when the path of url changes", async () => {
    const { patch } = await given({ headers: HEADERS })
    const url = "https://ONE.example.com/another?y=2"
    expect(await patch({ url })).toMatchObject({ status: 200, body: { url, headers: { authorization: "***" } } })
  })

  test("header values must be given again if they cannot be decrypted", async () => {
    const { patch, endpointId } = await given({ headers: HEADERS })
    await api().pool.query("update endpoints set headers = 'v1.k0.lost' where id = $1", [endpointId])
    expect((await patch({ url: "https://two.example.com" })).status).toBe(422)
  })
})
