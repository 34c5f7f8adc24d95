import { expect, test } from "vitest"
import { createVault } from "../../../src/store/directory/vault.ts"

const key = (fill: number) => new Uint8Array(32).fill(fill)
const vault = createVault([{ id: "new", key: key(1) }])

test("a text is decrypted to what was encrypted, and gives another ciphertext each time", () => {
  const [first, second] = [vault.encrypt("geheim ✓", "endpoints:ep_1"), vault.encrypt("geheim ✓", "endpoints:ep_1")]
  expect(first).not.toBe(second)
  expect(first).not.toContain("geheim")
  expect([first, second].map((text) => vault.decrypt(text, "endpoints:ep_1"))).toEqual(["geheim ✓", "geheim ✓"])
})

test("a ciphertext can be decrypted for its own row only", () => {
  const encrypted = vault.encrypt("geheim", "endpoints:ep_1")
  expect(() => vault.decrypt(encrypted, "endpoints:ep_2")).toThrow()
})

test("one changed character is detected", () => {
  const encrypted = vault.encrypt("geheim", "a")
  const at = encrypted.length - 3
  const changed = encrypted.slice(0, at) + (encrypted[at] === "A" ? "B" : "A") + encrypted.slice(at + 1)
  expect(() => vault.decrypt(changed, "a")).toThrow()
})

test("after a rotation the old key still decrypts, and the new one encrypts", () => {
  const rotated = createVault([
    { id: "newer", key: key(2) },
    { id: "new", key: key(1) },
  ])
  expect(rotated.decrypt(vault.encrypt("geheim", "a"), "a")).toBe("geheim")
  expect(rotated.encrypt("geheim", "a")).toMatch(/^v1\.newer\./)
})

test("the error for a missing key names it", () => {
  const other = createVault([{ id: "other", key: key(1) }])
  expect(() => other.decrypt(vault.encrypt("geheim", "a"), "a")).toThrow(
    'a secret is encrypted with the key "new", which is not in ENCRYPTION_KEYS; add that key',
  )
})

test.each(["", "geheim", "v1.new.", "v2.new.AAAA", "v1.new.AAAA"])("%j is not a ciphertext", (text) => {
  expect(() => vault.decrypt(text, "a")).toThrow()
})

test("keys of the wrong size, with an invalid id or with the same id are refused", () => {
  expect(() => createVault([])).toThrow("a vault needs at least one key")
  expect(() => createVault([{ id: "k", key: new Uint8Array(16) }])).toThrow('"k" is 16 bytes long, not 32')
  expect(() => createVault([{ id: "a.b", key: key(1) }])).toThrow("1 to 32 letters")
  expect(() =>
    createVault([
      { id: "k", key: key(1) },
      { id: "k", key: key(2) },
    ]),
  ).toThrow("the same id")
})
