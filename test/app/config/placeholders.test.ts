import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { readConfig } from "../../../src/app/config/config.ts"

const ROOT = join(import.meta.dirname, "../../..")

describe("configuration", () => {
  test.each([
    "replace-this",
    "replace-this-with-your-app-secret",
    "REPLACE_ME",
    "changeme",
    "change-this-to-a-long-random-value-0123456789",
    "your-app-secret",
    "yourAppSecret",
    "<the secret of your Meta app>",
    "$META_APP_SECRET",
    "…",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "verify_token",
  ])("the placeholder %s is refused as a secret", (secret) => {
    expect(() => readConfig({ META_APP_SECRET: secret })).toThrow(/META_APP_SECRET is the placeholder of an example/)
    expect(() => readConfig({ META_APP_SECRET: `0a1b2c3d, ${secret}` })).toThrow(/META_APP_SECRET is the placeholder/)
    expect(() => readConfig({ META_VERIFY_TOKEN: secret.padEnd(8, secret) })).toThrow(
      /META_VERIFY_TOKEN is the placeholder/,
    )
  })

  test("secrets of one's own are taken, though they have a word of a placeholder", () => {
    const own = ["5f1d8a1c0e3b4f6a9d7c2b1e0f3a4d5c", "exchange_of_sampler_42", "putty9f8e7d", "test_app_secret"]
    for (const secret of own)
      expect(() => readConfig({ META_APP_SECRET: secret, META_VERIFY_TOKEN: secret })).not.toThrow()
  })

  test("the secrets that the documentation shows are refused", () => {
    const pages = ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT })].map((page) =>
      readFileSync(join(ROOT, page), "utf8"),
    )
    const shown = pages.join("").matchAll(/(ADMIN_KEY|META_APP_SECRET|META_VERIFY_TOKEN)=([^\s$`"]+)/g)
    const taken = [...shown].filter(([, name = "", value]) => {
      try {
        return readConfig({ [name]: value })
      } catch {
        return false
      }
    })
    expect(taken.map(([text]) => text)).toEqual([])
  })
})
