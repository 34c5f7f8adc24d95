import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { findApiKey, findAppSecret, findGateway } from "../../src/cli/client/settings.ts"

const local = "http://127.0.0.1:3000"

function folder(files: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), "onehook-cli-"))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}

describe("the gateway", () => {
  it.each([
    [undefined, {}, "http://127.0.0.1:3000"],
    [undefined, { ONEHOOK_URL: "" }, "http://127.0.0.1:3000"],
    [undefined, { ONEHOOK_URL: "https://hooks.example.com/" }, "https://hooks.example.com"],
    ["http://[::1]:8080", { ONEHOOK_URL: "https://other.example" }, "http://[::1]:8080"],
    ["https://example.com/onehook//", {}, "https://example.com/onehook"],
  ])("is %s with %j: %s", (given, env, expected) => {
    expect(findGateway(given, env)).toBe(expected)
  })

  it.each(["127.0.0.1:3000", "ftp://example.com", "", "http://"])("is not %j", (given) => {
    expect(() => findGateway(given, {})).toThrow("is not a valid gateway URL")
  })
})

describe("the API key", () => {
  it("is the given one, then the environment's, then the operator's", () => {
    const env = { ONEHOOK_API_KEY: "env", DATA_DIR: folder({ "admin-key": "operator\n" }) }
    expect(findApiKey({ given: "given", env, gateway: local })).toBe("given")
    expect(findApiKey({ env, gateway: local })).toBe("env")
    expect(findApiKey({ env: { DATA_DIR: env.DATA_DIR }, gateway: local })).toBe("operator")
    expect(findApiKey({ env: { DATA_DIR: env.DATA_DIR, ADMIN_KEY: "set" }, gateway: local })).toBe("set")
  })

  it.each(["https://hooks.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1"])(
    "of the operator is not sent to %s by default",
    (gateway) => {
      const env = { ADMIN_KEY: "set", DATA_DIR: folder({ "admin-key": "operator" }) }
      expect(() => findApiKey({ env, gateway })).toThrow(/^no API key: pass --key or set ONEHOOK_API_KEY$/)
    },
  )

  it("of the operator is the first of several, without its name, from the variable or its file", () => {
    const key = "a".repeat(40)
    const several = `new:${key},old:${"b".repeat(40)}`
    const dir = folder({ keys: `${several}\n` })
    expect(findApiKey({ env: { ADMIN_KEY: several, DATA_DIR: dir }, gateway: local })).toBe(key)
    expect(findApiKey({ env: { ADMIN_KEY_FILE: join(dir, "keys"), DATA_DIR: dir }, gateway: local })).toBe(key)
  })

  it("is trimmed of surrounding spaces and line breaks", () => {
    expect(findApiKey({ env: { ONEHOOK_API_KEY: " key\r\n" }, gateway: local })).toBe("key")
  })

  it.each(["ohk_live_key\nohk_live_other", "ohk_live_key…", "ohk_live key", "ohk_live_\u0001key"])(
    "%j is refused, and the message does not repeat it",
    (given) => {
      expect(() => findApiKey({ given, env: {}, gateway: local })).toThrow(
        /^the API key in --key contains a space, a line break or another invalid character$/,
      )
      expect(() => findApiKey({ env: { ONEHOOK_API_KEY: given }, gateway: local })).toThrow(/ in ONEHOOK_API_KEY /)
    },
  )

  it("that is missing is reported with the file that was tried", () => {
    const dir = folder({})
    expect(() => findApiKey({ env: { DATA_DIR: dir }, gateway: local })).toThrow(join(dir, "admin-key"))
  })
})

describe("the app secret", () => {
  it("is the given one, then the first of META_APP_SECRET, then the generated one", () => {
    const DATA_DIR = folder({ "meta-app-secret": "generated\n" })
    expect(findAppSecret("given", { META_APP_SECRET: "a,b", DATA_DIR })).toBe("given")
    expect(findAppSecret(undefined, { META_APP_SECRET: " a , b", DATA_DIR })).toBe("a")
    expect(findAppSecret(undefined, { DATA_DIR })).toBe("generated")
    const META_APP_SECRET_FILE = join(folder({ secret: "c,d\n" }), "secret")
    expect(findAppSecret(undefined, { META_APP_SECRET_FILE, DATA_DIR })).toBe("c")
    expect(() => findAppSecret(undefined, { DATA_DIR: folder({}) })).toThrow("no app secret")
  })
})
