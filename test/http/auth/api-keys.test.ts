import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { describeApi, newCustomer, newKey } from "../harness.ts"

describeApi("api keys", (api) => {
  test("the operator creates a customer's first key, which is shown once and stored as a hash", async () => {
    const { id } = await newCustomer(api())
    const url = `/v1/customers/${id}/api-keys`
    const created = await api().asOperator({ method: "POST", url, body: { name: "first" } })
    expect(created.status).toBe(201)
    const { key, ...shown } = created.body
    expect(key).toMatch(/^ohk_live_[0-9a-z]{16}_[0-9a-z]{52}_[0-9a-z]{7}$/)
    expect(shown).toMatchObject({ name: "first", scopes: ["read", "write"], expires_at: null, revoked_at: null })
    expect(key.startsWith(shown.prefix)).toBe(true)
    const listed = await api().asOperator({ url })
    expect(listed.body.data[0]).toEqual(shown)
    const { rows } = await api().pool.query<{ hash: Uint8Array }>("select * from api_keys where id = $1", [shown.id])
    expect(JSON.stringify(rows)).not.toContain(key.split("_")[3])
    expect(Buffer.from(rows[0]?.hash ?? [])).toEqual(createHash("sha256").update(key).digest())
  })

  test("a customer lists, creates and revokes its own keys", async () => {
    const { as } = await newCustomer(api())
    const created = await as({
      method: "POST",
      url: "/v1/api-keys",
      body: { name: "bot", mode: "test", scopes: ["read"] },
    })
    expect(created.body.key).toMatch(/^ohk_test_/)
    expect((await as({ url: "/v1/api-keys" })).body.data.map(({ name }: { name: string }) => name)).toEqual([
      "bot",
      "test",
    ])
    expect((await api().call({ url: "/v1/events", key: created.body.key })).status).toBe(200)
    const revoked = await as({ method: "DELETE", url: `/v1/api-keys/${created.body.id}` })
    expect(revoked.body.revoked_at).not.toBeNull()
    const refused = await api().call({ url: "/v1/events", key: created.body.key })
    expect(refused).toMatchObject({
      status: 401,
      body: { code: "unauthorized", detail: "The API key has been revoked." },
    })
  })

  test("revoking a key twice keeps the first revocation time", async () => {
    const { as } = await newCustomer(api())
    const { body } = await as({ method: "POST", url: "/v1/api-keys", body: {} })
    const first = await as({ method: "DELETE", url: `/v1/api-keys/${body.id}` })
    const second = await as({ method: "DELETE", url: `/v1/api-keys/${body.id}` })
    expect(second.body).toEqual(first.body)
  })

  test("a key revoked by another process is refused within a second", async () => {
    const { id, key, as } = await newCustomer(api())
    expect((await as({ url: "/v1/events" })).status).toBe(200)
    await api().pool.query("update api_keys set revoked_at = now() where customer_id = $1", [id])
    api().clock.nowMs += 1_000
    expect((await api().call({ url: "/v1/events", key })).status).toBe(401)
  })

  test("an expired key is refused", async () => {
    const { id } = await newCustomer(api())
    const expiresAt = new Date(api().clock.nowMs + 5_000).toISOString()
    const key = await newKey(api(), id, ["read"], { expires_at: expiresAt })
    expect((await api().call({ url: "/v1/events", key })).status).toBe(200)
    api().clock.nowMs += 5_000
    const refused = await api().call({ url: "/v1/events", key })
    expect(refused).toMatchObject({ status: 401, body: { detail: "The API key has expired." } })
  })

  test("an expiry in the past is refused", async () => {
    const { as } = await newCustomer(api())
    const answer = await as({ method: "POST", url: "/v1/api-keys", body: { expires_at: "2020-01-01T00:00:00Z" } })
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ path: "expires_at", message: "must be in the future" }] },
    })
  })

  test("a key cannot grant a scope that it lacks", async () => {
    const { id } = await newCustomer(api())
    const key = await newKey(api(), id, ["admin", "read"])
    const refused = await api().call({ method: "POST", url: "/v1/api-keys", key, body: { scopes: ["read", "write"] } })
    expect(refused).toMatchObject({ status: 403, body: { code: "scope_missing" } })
    expect(refused.body.detail).toContain("lacks write")
    const given = await api().call({ method: "POST", url: "/v1/api-keys", key, body: { scopes: ["read", "read"] } })
    expect(given.body.scopes).toEqual(["read"])
  })

  test("last use is recorded once a minute, without delaying the request", async () => {
    const { key, as } = await newCustomer(api())
    const used = async () => (await as({ url: "/v1/api-keys" })).body.data[0].last_used_at
    const first = new Date(api().clock.nowMs).toISOString()
    await api().call({ url: "/v1/events", key })
    await expect.poll(used).toBe(first)
    api().clock.nowMs += 59_999
    expect(await used()).toBe(first)
    api().clock.nowMs += 1
    await expect.poll(used).toBe(new Date(api().clock.nowMs).toISOString())
  })

  test("a customer can have at most 100 live keys", async () => {
    const { id, as } = await newCustomer(api())
    await api().pool.query(
      `insert into api_keys (id, customer_id, public_id, hash, scopes)
       select 'key_fill' || n, $1, 'live_fill' || n, '', '{}' from generate_series(2, 100) n`,
      [id],
    )
    const refused = await as({ method: "POST", url: "/v1/api-keys", body: {} })
    expect(refused).toMatchObject({ status: 409, body: { code: "limit_reached" } })
    await as({ method: "DELETE", url: "/v1/api-keys/key_fill2" })
    expect((await as({ method: "POST", url: "/v1/api-keys", body: {} })).status).toBe(201)
  })
})
