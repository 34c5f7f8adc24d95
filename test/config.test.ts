import { describe, expect, test } from "vitest"
import { readConfig } from "../src/config.ts"

const KEY = Buffer.alloc(32, 1).toString("base64")
const POSTGRES = {
  DATABASE_URL: "postgres://localhost/onehook",
  ADMIN_KEY: "x".repeat(32),
  ENCRYPTION_KEYS: `k1:${KEY}`,
}

describe("configuration", () => {
  test("an empty environment is an embedded instance on loopback", () => {
    expect(readConfig({})).toMatchObject({
      host: "127.0.0.1",
      port: 3000,
      role: "all",
      store: { kind: "embedded" },
      redis: undefined,
      loopbackOnly: true,
      endpoints: { allowedCidrs: [], allowedPorts: [443, 8443] },
      retentionDays: 30,
    })
  })

  test("a variable that is set but empty counts as not set", () => {
    expect(readConfig({ REDIS_URL: "", DATABASE_URL: "", PORT: "" }).port).toBe(3000)
  })

  test("all faults are reported at once, by name, with what is allowed", () => {
    const read = () => readConfig({ PORT: "http", ROLE: "worker", ENDPOINT_ALLOWED_CIDRS: "10.0.0.0/8,nonsense" })
    expect(read).toThrow(/the configuration has 3 fault\(s\):/)
    expect(read).toThrow(/PORT/)
    expect(read).toThrow(/ROLE.*"all"\|"gateway"\|"dispatcher"/)
    expect(read).toThrow(/ENDPOINT_ALLOWED_CIDRS/)
  })

  test("values never appear in a fault", () => {
    const read = () => readConfig({ ADMIN_KEY: "hunter2", ENCRYPTION_KEYS: "k1:hunter2", REDIS_URL: "hunter2://x" })
    expect(read).toThrow(expect.not.stringContaining("hunter2"))
  })

  test("a database needs the secrets that an embedded instance makes for itself", () => {
    const read = () => readConfig({ DATABASE_URL: POSTGRES.DATABASE_URL })
    expect(read).toThrow(/ADMIN_KEY is required with DATABASE_URL/)
    expect(read).toThrow(/ENCRYPTION_KEYS is required with DATABASE_URL/)
  })

  test.each([
    [{ REDIS_URL: "redis://localhost" }, /REDIS_URL needs DATABASE_URL/],
    [{ ROLE: "gateway" }, /ROLE must be all with the embedded store/],
    [{ ...POSTGRES, ADMIN_KEY: "short" }, /ADMIN_KEY must have at least 32 characters/],
    [{ ...POSTGRES, DATABASE_URL: "mysql://x" }, /DATABASE_URL must start with postgres:/],
    [{ ...POSTGRES, ENCRYPTION_KEYS: "k1:AAAA" }, /ENCRYPTION_KEYS must be <id>:<base64 of 32 bytes>/],
  ])("%o is refused", (env, message) => {
    expect(() => readConfig(env)).toThrow(message)
  })

  test("several keys and secrets are separated by commas, the first comes first", () => {
    const config = readConfig({ ...POSTGRES, ENCRYPTION_KEYS: `new:${KEY},old:${KEY}`, META_APP_SECRET: "a, b" })
    expect(config.encryptionKeys?.map(({ id }) => id)).toEqual(["new", "old"])
    expect(config.metaApp.secrets).toEqual(["a", "b"])
  })

  test.each(["0.0.0.0", "10.0.0.1", "::", "example.com"])("%s is not loopback only", (HOST) => {
    expect(readConfig({ HOST }).loopbackOnly).toBe(false)
  })
})
