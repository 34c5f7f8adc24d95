import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { createdSecret, newToken } from "../../../src/app/config/data-directory.ts"
import { tempDir } from "../../support/onehook.ts"

function folder() {
  const { path, remove } = tempDir()
  onTestFinished(remove)
  return path
}

describe("a secret that is made at the first start", () => {
  test("is the same at the second, and only its owner can read it", () => {
    const dir = folder()
    const made = createdSecret(dir, "token", newToken)
    expect(createdSecret(dir, "token", newToken)).toBe(made)
    expect(made).toMatch(/^[0-9a-f]{32}$/)
    expect(statSync(join(dir, "token")).mode & 0o777).toBe(0o600)
  })

  test("is a whole one, also after a start that ended while it was written", () => {
    const dir = folder()
    writeFileSync(join(dir, "token.new"), "0123")
    chmodSync(join(dir, "token.new"), 0o644)
    const made = createdSecret(dir, "token", newToken)
    expect(readFileSync(join(dir, "token"), "utf8")).toBe(`${made}\n`)
    expect(statSync(join(dir, "token")).mode & 0o777).toBe(0o600)
    expect(existsSync(join(dir, "token.new"))).toBe(false)
  })

  test.each(["", "\n", "short", "\0".repeat(33), "two words 0123"])("is refused where its file holds %j", (content) => {
    const dir = folder()
    writeFileSync(join(dir, "token"), content)
    expect(() => createdSecret(dir, "token", newToken)).toThrow(
      `the file ${join(dir, "token")} is damaged: restore it from a backup or, if the store is empty, remove it`,
    )
  })
})
