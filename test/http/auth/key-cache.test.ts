import { expect, test } from "vitest"
import { createKeyCache } from "../../../src/http/auth/key-cache.ts"

const record = (customerId: string) => ({
  id: `key_${customerId}`,
  customerId,
  hash: new Uint8Array(32),
  name: "",
  scopes: [],
  expiresAtMs: null,
  revoked: false,
})

test("a change of one customer drops that customer's keys only", async () => {
  const found: string[] = []
  const cache = createKeyCache(
    async (publicId) => {
      found.push(publicId)
      return record(publicId)
    },
    () => 0,
  )
  const readBoth = async () => {
    for (const customer of ["a", "b"]) await cache.get(customer)
  }
  await readBoth()
  cache.forget("a")
  await readBoth()
  expect(found).toEqual(["a", "b", "a"])
  cache.forget(null)
  await readBoth()
  expect(found).toEqual(["a", "b", "a", "a", "b"])
})

test("a key that is being read while its customer changes is read again", async () => {
  const reads: (() => void)[] = []
  const cache = createKeyCache(
    () => new Promise((resolve) => reads.push(() => resolve(record("a")))),
    () => 0,
  )
  const before = cache.get("a")
  cache.forget("a")
  const after = cache.get("a")
  expect(reads).toHaveLength(2)
  for (const resolve of reads) resolve()
  expect(await Promise.all([before, after])).toHaveLength(2)
})
