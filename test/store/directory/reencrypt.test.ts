import { randomBytes } from "node:crypto"
import { expect, test } from "vitest"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { openDirectory } from "../../../src/store/directory/directory.ts"
import { instanceKey } from "../../../src/store/directory/instance-key.ts"
import { createVault } from "../../../src/store/directory/vault.ts"
import { createStores } from "../../../src/store/stores.ts"
import { describeStores } from "../../support/stores.ts"

const KEYS = ["v1", "k2", "k3"].map((id, index) => ({ id, key: new Uint8Array(32).fill(index + 1) }))
const [k1, k2, k3] = KEYS as [(typeof KEYS)[0], (typeof KEYS)[0], (typeof KEYS)[0]]
const CLAIM = { owner: "operator", key: 'a,"b"', fingerprint: "f" }

describeStores("encryption keys", (pool) => {
  const storesOf = (...keys: typeof KEYS) => createStores(pool(), createVault(keys))
  const newId = (prefix: string) => `${prefix}_${randomBytes(8).toString("hex")}`

  /** One of everything that is encrypted. */
  async function written(keys: typeof KEYS) {
    const stores = storesOf(...keys)
    const vault = createVault(keys)
    const key = await instanceKey(pool(), vault)
    const { id: customerId } = await stores.customers.create({ id: newId("cus"), name: "A" })
    const [appId, connectionId, endpointId] = [newId("app"), newId("con"), newId("ep")]
    const secrets = ["first-secret", "second-secret"]
    const app = { owner: customerId, id: appId, name: "", meta_app_id: null, secrets, verify_token: "verify-me" }
    await stores.apps.create(app, 9)
    const page = { platform: "facebook", page_id: newId("p"), waba_id: null, name: "", status: "active" } as const
    const access_token = "EAAtoken"
    await stores.connections.create(
      { ...page, id: connectionId, customer_id: customerId, app_id: appId, access_token },
      9,
    )
    const settings = { url: "https://a.example", description: "", events: ["*"], payload: "full", status: "active" }
    const filters = { platforms: null, page_ids: null, message_types: null, statuses: null, direction: null }
    const limits = { include_raw: false, max_concurrency: 1, max_rate: null, ordering: "none", retry_schedule: null }
    const headers = { "x-token": "of the receiver" }
    const ids = { id: endpointId, customer_id: customerId, secret: "whsec_AAAA" }
    const endpoint = { ...settings, ...filters, ...limits, headers, hub_signature: false, ...ids }
    await stores.endpoints.create(endpoint as Parameters<typeof stores.endpoints.create>[0], 9)
    const rotation = { secret: "whsec_BBBB", overlapMs: 60_000, nowMs: Date.now(), maxLive: 5 }
    await stores.endpoints.rotateSecret(customerId, endpointId, rotation)
    await stores.idempotency.begin({ ...CLAIM, owner: customerId })
    await stores.idempotency.finish({ ...CLAIM, owner: customerId }, { status: 201, text: "the answer" })
    return { customerId, appId, connectionId, endpointId, instanceKey: key }
  }

  test("every value is encrypted again, and the former key is not needed any more", async () => {
    const given = await written([k1])
    await expect(instanceKey(pool(), createVault([k2]))).rejects.toThrow(
      'the key "v1", which is not in ENCRYPTION_KEYS',
    )
    const rotated = storesOf(k2, k1)
    expect(await rotated.encryption.state()).toEqual({
      current_key: "k2",
      keys: [
        { id: "k2", configured: true, values: 0 },
        { id: "v1", configured: true, values: 9 },
      ],
    })
    expect(await rotated.encryption.reencrypt(100)).toEqual({
      changed: 7,
      unreadable_count: 0,
      unreadable: [],
      done: true,
    })
    expect((await rotated.encryption.state()).keys).toEqual([
      { id: "k2", configured: true, values: 9 },
      { id: "v1", configured: true, values: 0 },
    ])
    expect(await columnsWith(pool(), "v1.v1.")).toEqual([])
    expect((await columnsWith(pool(), "v1.k2.")).length).toBe(7)

    const vault = createVault([k2])
    expect(await instanceKey(pool(), vault)).toEqual(given.instanceKey)
    const directory = await openDirectory(pool(), vault, throwIt, throwIt)
    expect(directory.app(given.appId)).toMatchObject({
      secrets: ["first-secret", "second-secret"],
      verifyToken: "verify-me",
    })
    const endpoint = directory.endpoint(given.endpointId)
    expect(endpoint?.headers).toEqual({ "x-token": "of the receiver" })
    expect(endpoint?.secrets.map(({ text }) => text)).toEqual(["whsec_BBBB", "whsec_AAAA"])
    await directory.close()
    const { rows } = await pool().query<{ access_token: string }>(
      "select access_token from connections where id = $1",
      [given.connectionId],
    )
    expect(vault.decrypt(rows[0]?.access_token ?? "", `connections:${given.connectionId}`)).toBe("EAAtoken")
    expect(await storesOf(k2).idempotency.begin({ ...CLAIM, owner: given.customerId })).toEqual({
      kind: "done",
      answer: { status: 201, text: "the answer" },
    })
  })

  test("it goes on where it stopped, step by step, and changes nothing when all is done", async () => {
    await written([k2])
    const { encryption } = storesOf(k3, k2)
    const { keys } = await encryption.state()
    for (let step = 0; ; step++) {
      const { changed, done } = await encryption.reencrypt(1)
      if (done) break
      expect(changed).toBe(1)
      expect(step).toBeLessThan(50)
    }
    expect((await encryption.state()).keys[1]).toEqual({ id: "k2", configured: true, values: 0 })
    expect(keys[1]?.values).toBeGreaterThan(0)
    expect(await encryption.reencrypt(1)).toMatchObject({ changed: 0, done: true })
  })

  test("a value that cannot be decrypted is named and left as it is, and the others go on", async () => {
    const lost = await written([k3])
    await pool().query("update endpoints set headers = 'v1.k0.lost' where id = $1", [lost.endpointId])
    const { encryption } = storesOf(k2, k3)
    expect(await encryption.reencrypt(100)).toMatchObject({
      unreadable_count: 1,
      unreadable: [{ kind: "endpoint", id: lost.endpointId }],
      done: true,
    })
    const state = await encryption.state()
    expect(state.keys.slice(1)).toEqual([
      { id: "k3", configured: true, values: 0 },
      { id: "k0", configured: false, values: 1 },
    ])
    const { rows } = await pool().query("select headers from endpoints where id = $1", [lost.endpointId])
    expect(rows).toEqual([{ headers: "v1.k0.lost" }])
    await pool().query("delete from endpoints where id = $1", [lost.endpointId])
  })

  test("what another gateway writes meanwhile is kept, and found by the next run", async () => {
    const { customerId, endpointId } = await written([k2])
    const other = storesOf(k2, k3)
    const own = createVault([k3, k2])
    const racing: Promise<unknown>[] = []
    const meanwhile = {
      ...own,
      decrypt(sealed: string, aad: string) {
        // Between reading a value and replacing it.
        if (aad === `endpoints:${endpointId}` && racing.length === 0) {
          racing.push(other.endpoints.update(customerId, endpointId, { headers: { "x-token": "newer" } }, () => {}))
        }
        return own.decrypt(sealed, aad)
      },
    }
    const { encryption } = createStores(pool(), meanwhile)
    await encryption.reencrypt(1000)
    await Promise.all(racing)
    await encryption.reencrypt(1000)
    expect((await encryption.state()).keys.find(({ id }) => id === "k2")).toMatchObject({ values: 0 })
    const directory = await openDirectory(pool(), createVault([k3]), throwIt, throwIt)
    expect(directory.endpoint(endpointId)?.headers).toEqual({ "x-token": "newer" })
    await directory.close()
  })
})

function throwIt(error: unknown): never {
  throw error instanceof Error ? error : new Error(JSON.stringify(error))
}

/** Every column of every table that contains the text. */
async function columnsWith(pool: Pool, text: string): Promise<string[]> {
  const { rows } = await pool.query<{ t: string; c: string }>(
    `select table_name as t, column_name as c from information_schema.columns
     where table_schema = 'public' order by 1, 2`,
  )
  const found: string[] = []
  for (const { t, c } of rows) {
    const { rows: hits } = await pool.query(`select 1 from "${t}" where position($1 in "${c}"::text) > 0 limit 1`, [
      text,
    ])
    if (hits.length > 0) found.push(`${t}.${c}`)
  }
  return found
}
