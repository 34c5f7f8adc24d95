import { expect, test } from "vitest"
import { API_KEY_RANDOM_BYTES, createApiKey, isCustomerKey, parseApiKey } from "../../../src/core/api/api-key.ts"

const random = Uint8Array.from({ length: API_KEY_RANDOM_BYTES }, (_, index) => index)

test("a key says what it is, and reads back as its public id and its hash", () => {
  const { key, publicId, hash } = createApiKey("live", random)
  expect(key).toBe(
    `ohk_live_000g40r40m30e209_185gr38e1w8124gk2gahc5rr34d1p70x3rfj08924cj2a9h750mg_${key.split("_").at(-1)}`,
  )
  expect(publicId).toBe("live_000g40r40m30e209")
  expect(parseApiKey(key)).toEqual({ publicId, hash })
})

test("it is recognized by how it begins, and the operator's key is not one", () => {
  expect(["live", "test"].map((mode) => isCustomerKey(createApiKey(mode as "live", random).key))).toEqual([true, true])
  expect(["ohk_admin_0123", "ohk_", "live_", "x".repeat(32)].filter(isCustomerKey)).toEqual([])
})

test("the mode is part of the key", () => {
  expect(createApiKey("test", random).key).toMatch(/^ohk_test_/)
  expect(parseApiKey(createApiKey("live", random).key.replace("live", "test"))).toBeNull()
})

test("one changed character anywhere makes it no key", () => {
  const { key } = createApiKey("live", random)
  for (let index = 0; index < key.length; index++) {
    const changed = key.slice(0, index) + (key[index] === "z" ? "y" : "z") + key.slice(index + 1)
    expect(parseApiKey(changed), changed).toBeNull()
  }
})

test.each(["", "ohk_live_", "ohk_live_a_b_c", "Bearer x", `${createApiKey("live", random).key}0`])(
  "%j is no key",
  (text) => {
    expect(parseApiKey(text)).toBeNull()
  },
)
