import { expect, test } from "vitest"
import { createVault } from "../../../src/store/directory/vault.ts"
import { describeApi, newCustomer } from "../harness.ts"

interface Sealed {
  sealed: string
  expires_at: string | null
}

describeApi("secrets of endpoints", (api) => {
  async function newEndpoint() {
    const { as } = await newCustomer(api())
    const created = await as({ method: "POST", url: "/v1/endpoints", body: { url: "https://one.example.com" } })
    return { as, endpoint: created.body, at: `/v1/endpoints/${created.body.id}` }
  }

  async function secretsOf(id: string): Promise<{ secret: string; expires_at: string | null }[]> {
    const { rows } = await api().pool.query<{ secrets: Sealed[] }>("select secrets from endpoints where id = $1", [id])
    const sealed = rows[0]?.secrets ?? []
    return sealed.map((one) => ({
      secret: api().vault.decrypt(one.sealed, `endpoints:${id}`),
      expires_at: one.expires_at,
    }))
  }

  test("are stored encrypted", async () => {
    const { endpoint } = await newEndpoint()
    const { rows } = await api().pool.query<{ secrets: Sealed[] }>("select secrets from endpoints")
    expect(JSON.stringify(rows)).not.toContain(endpoint.secret)
    expect(await secretsOf(endpoint.id)).toEqual([{ secret: endpoint.secret, expires_at: null }])
  })

  test("are used at once after rotation, and the old one until the overlap ends", async () => {
    const { endpoint, as, at } = await newEndpoint()
    const rotated = await as({ method: "POST", url: `${at}/rotate-secret`, body: { overlap_hours: 2 } })
    expect(rotated.status).toBe(200)
    expect(rotated.body.secret).not.toBe(endpoint.secret)
    expect(await secretsOf(endpoint.id)).toEqual([
      { secret: rotated.body.secret, expires_at: null },
      { secret: endpoint.secret, expires_at: new Date(api().clock.nowMs + 7_200_000).toISOString() },
    ])
    const third = await as({ method: "POST", url: `${at}/rotate-secret` })
    const day = new Date(api().clock.nowMs + 86_400_000).toISOString()
    const expiries = (await secretsOf(endpoint.id)).map(({ expires_at }) => expires_at)
    expect(expiries).toEqual([null, day, new Date(api().clock.nowMs + 7_200_000).toISOString()])
    expect(third.body.secret).toBe((await secretsOf(endpoint.id))[0]?.secret)
  })

  test("that are old are revoked at once by a rotation with overlap 0", async () => {
    const { endpoint, as, at } = await newEndpoint()
    const { body } = await as({ method: "POST", url: `${at}/rotate-secret`, body: { overlap_hours: 0 } })
    expect(await secretsOf(endpoint.id)).toEqual([{ secret: body.secret, expires_at: null }])
  })

  test("that are old can be revoked at once without a rotation", async () => {
    const { as, at, endpoint } = await newEndpoint()
    await as({ method: "POST", url: `${at}/rotate-secret` })
    const { body } = await as({ method: "POST", url: `${at}/rotate-secret`, body: { overlap_hours: 168 } })
    expect(body.secrets).toHaveLength(3)
    const revoked = await as({ method: "POST", url: `${at}/revoke-secrets` })
    expect(revoked.body.secrets).toEqual([{ expires_at: null }])
    expect(await secretsOf(endpoint.id)).toEqual([{ secret: body.secret, expires_at: null }])
  })

  test("are limited to five, not counting expired ones", async () => {
    const { as, at } = await newEndpoint()
    const rotate = (hours: number) => as({ method: "POST", url: `${at}/rotate-secret`, body: { overlap_hours: hours } })
    for (let count = 2; count <= 5; count++) expect((await rotate(1)).status).toBe(200)
    expect(await rotate(1)).toMatchObject({ status: 409, body: { code: "secrets_live" } })
    api().clock.nowMs += 3_600_000
    expect((await rotate(1)).status).toBe(200)
    expect((await rotate(169)).body.errors).toEqual([{ path: "overlap_hours", message: "must be at most 168" }])
  })

  test("and headers that cannot be decrypted can still be read and replaced", async () => {
    const { as, endpoint, at } = await newEndpoint()
    const foreign = createVault([{ id: "lost", key: new Uint8Array(32).fill(9) }])
    const encrypted = foreign.encrypt(JSON.stringify({ authorization: "t" }), `endpoints:${endpoint.id}`)
    await api().pool.query("update endpoints set headers = $2 where id = $1", [endpoint.id, encrypted])

    const { body, status } = await as({ url: "/v1/endpoints" })
    expect(status).toBe(200)
    expect(body.data).toMatchObject([{ id: endpoint.id, headers: null }])
    const renamed = await as({ method: "PATCH", url: at, body: { description: "x" } })
    expect(renamed.body).toMatchObject({ description: "x", headers: null })
    const fixed = await as({ method: "PATCH", url: at, body: { headers: { authorization: "t" } } })
    expect(fixed.body.headers).toEqual({ authorization: "***" })
  })
})
