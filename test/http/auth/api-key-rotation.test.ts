import { expect, test } from "vitest"
import { describeApi, newCustomer, newKey } from "../harness.ts"

const HOUR_MS = 3_600_000

describeApi("rotating a key", (api) => {
  async function newRotatable(more: object = {}) {
    const customer = await newCustomer(api())
    const { body } = await customer.as({ method: "POST", url: "/v1/api-keys", body: { name: "bot", ...more } })
    api().clock.nowMs += 1
    const rotate = (given: object = {}) =>
      customer.as({ method: "POST", url: `/v1/api-keys/${body.id}/rotate`, body: given })
    return { ...customer, old: body, rotate }
  }

  const statusWith = async (key: string) => (await api().call({ url: "/v1/events", key })).status

  test("returns a new key once, while the old one stays valid for a day", async () => {
    const { old, rotate, as } = await newRotatable({ mode: "test", scopes: ["read"] })
    const rotated = await rotate()
    expect(rotated.status).toBe(201)
    const { key, ...shown } = rotated.body
    expect(key).toMatch(/^ohk_test_/)
    expect(shown).toMatchObject({ name: "bot", scopes: ["read"], expires_at: null, revoked_at: null })
    expect(shown.id).not.toBe(old.id)
    const end = new Date(api().clock.nowMs + 24 * HOUR_MS).toISOString()
    const { data } = (await as({ url: "/v1/api-keys" })).body
    expect(data.slice(0, 2)).toMatchObject([shown, { id: old.id, expires_at: end, revoked_at: null }])
    expect([await statusWith(old.key), await statusWith(key)]).toEqual([200, 200])
    api().clock.nowMs += 24 * HOUR_MS
    expect([await statusWith(old.key), await statusWith(key)]).toEqual([401, 200])
  })

  test("without overlap ends the old key at once, and a key can rotate itself", async () => {
    const { id } = await newCustomer(api())
    const key = await newKey(api(), id, ["read", "admin"])
    const [{ id: own }] = (await api().call({ url: "/v1/api-keys", key })).body.data.slice(0, 1)
    const url = `/v1/api-keys/${own}/rotate`
    const rotated = await api().call({ method: "POST", url, key, body: { overlap_hours: 0 } })
    expect([await statusWith(key), await statusWith(rotated.body.key)]).toEqual([401, 200])
  })

  test("extends neither the old key's nor the new key's expiry", async () => {
    const end = new Date(api().clock.nowMs + 2 * HOUR_MS).toISOString()
    const { old, rotate, as } = await newRotatable({ expires_at: end })
    expect((await rotate({ overlap_hours: 168 })).body.expires_at).toBe(end)
    const { data } = (await as({ url: "/v1/api-keys" })).body
    expect(data[1]).toMatchObject({ id: old.id, expires_at: end })
  })

  test("is refused for a key that is already revoked or replaced", async () => {
    const ended = { status: 409, body: { code: "key_ended" } }
    const revoked = await newRotatable()
    await revoked.as({ method: "DELETE", url: `/v1/api-keys/${revoked.old.id}` })
    expect(await revoked.rotate()).toMatchObject(ended)
    const replaced = await newRotatable()
    await replaced.rotate({ overlap_hours: 0 })
    expect(await replaced.rotate()).toMatchObject(ended)
  })

  test("grants no scope that the caller lacks", async () => {
    const { id } = await newCustomer(api())
    await newKey(api(), id, ["read", "write"])
    const key = await newKey(api(), id, ["admin", "read"])
    const keys = (await api().call({ url: "/v1/api-keys", key })).body.data
    const { id: writer } = keys.find(({ scopes }: { scopes: string[] }) => scopes.join() === "read,write")
    const refused = await api().call({ method: "POST", url: `/v1/api-keys/${writer}/rotate`, key, body: {} })
    expect(refused).toMatchObject({ status: 403, body: { code: "scope_missing" } })
    expect(refused.body.detail).toContain("lacks write")
  })

  test.each([-1, 169, 1.5, "24"])("overlap_hours %j is refused", async (overlap_hours) => {
    const { rotate } = await newRotatable()
    expect(await rotate({ overlap_hours })).toMatchObject({ status: 422, body: { code: "invalid_body" } })
  })

  test("works at the key limit, but not repeatedly", async () => {
    const { id, rotate } = await newRotatable()
    await api().pool.query(
      `insert into api_keys (id, customer_id, public_id, hash, scopes)
       select 'key_rot' || n, $1, 'live_rot' || n || $1, '', '{}' from generate_series(3, 100) n`,
      [id],
    )
    expect((await rotate()).status).toBe(201)
    expect(await rotate()).toMatchObject({ status: 409, body: { code: "limit_reached" } })
  })

  test("does not count expired keys towards the limit", async () => {
    const { id, as, rotate } = await newRotatable()
    await api().pool.query(
      `insert into api_keys (id, customer_id, public_id, hash, scopes, expires_at)
       select 'key_exp' || n, $1, 'live_exp' || n || $1, '', '{}', now() - interval '1 day'
       from generate_series(1, 100) n`,
      [id],
    )
    expect((await as({ method: "POST", url: "/v1/api-keys", body: {} })).status).toBe(201)
    expect((await rotate()).status).toBe(201)
  })
})
