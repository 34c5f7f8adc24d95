import { expect, test } from "vitest"
import { createApiKey } from "../../../src/core/api/api-key.ts"
import { newCustomer, newKey, useApi } from "../harness.ts"

const counted: string[] = []
const api = useApi({ onRefusedKey: (key, reason) => void counted.push(`${key} ${reason}`) })
const lines = () =>
  api()
    .log.filter((line) => line.includes("refused a key"))
    .map((line) => JSON.parse(line))
const unknownKey = () => createApiKey("live", new Uint8Array(42).fill(9)).key

test("refused keys are counted by whose they are and why, and logged with the address but not the key", async () => {
  const { id } = await newCustomer(api())
  const revoked = await newKey(api(), id, ["admin"])
  const { data } = (await api().call({ url: "/v1/api-keys", key: revoked })).body
  await api().call({ method: "DELETE", url: `/v1/api-keys/${data[0].id}`, key: revoked })
  const expiring = await newKey(api(), id, ["read"], { expires_at: new Date(api().clock.nowMs + 1000).toISOString() })
  api().clock.nowMs += 2000
  const wrong = "not-the-key-of-the-operator-0123456789"
  for (const key of [wrong, unknownKey(), revoked, expiring]) {
    expect((await api().call({ url: "/v1/events", key })).status).toBe(401)
  }
  expect(counted.splice(0)).toEqual(["operator unknown", "customer unknown", "customer revoked", "customer expired"])
  expect(lines().map(({ address, key, reason }) => `${address} ${key} ${reason}`)).toEqual([
    "127.0.0.1 operator unknown",
    "127.0.0.1 customer unknown",
    "127.0.0.1 customer revoked",
    "127.0.0.1 customer expired",
  ])
  for (const key of [wrong, revoked, expiring]) expect(api().log.join("")).not.toContain(key)
})

test("many refusals fill no log: one line a minute for an address and reason, which says how many had none", async () => {
  api().clock.nowMs += 60_000
  api().log.length = 0
  const guess = () => api().call({ url: "/v1/events", key: unknownKey() })
  for (let count = 0; count < 10; count++) await guess()
  expect(lines()).toHaveLength(1)
  expect(counted.splice(0)).toHaveLength(10)
  api().clock.nowMs += 60_000
  await guess()
  expect(lines().map(({ not_logged }) => not_logged)).toEqual([0, 9])
})
