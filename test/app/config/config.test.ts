import { describe, expect, test } from "vitest"
import { readConfig } from "../../../src/app/config/config.ts"
import { sizeOf } from "../../../src/store/connection/pool-sizes.ts"

const KEY = Buffer.alloc(32, 1).toString("base64")
const POSTGRES = {
  DATABASE_URL: "postgres://localhost/onehook",
  ADMIN_KEY: "key-".repeat(8),
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
      trustProxy: [],
      endpoints: { allowedCidrs: [], allowedPorts: [443, 8443] },
      retentionDays: 30,
    })
  })

  test("several admin keys have names; a single one needs none", () => {
    const [one, two] = ["one-".repeat(8), "two-".repeat(8)]
    expect(readConfig({ ADMIN_KEY: one }).adminKeys).toEqual([{ name: "operator", key: one }])
    expect(readConfig({ ADMIN_KEY: `new:${two}, ${one}` }).adminKeys).toEqual([
      { name: "new", key: two },
      { name: "operator", key: one },
    ])
    for (const same of [`${one},${two}`, `a:${one},a:${two}`]) {
      expect(() => readConfig({ ADMIN_KEY: same })).toThrow(/ADMIN_KEY must give each key a name of its own/)
    }
    expect(() => readConfig({ ADMIN_KEY: `${one},short` })).toThrow(/ADMIN_KEY must be 32 to 500/)
  })

  test("a variable that is set but empty counts as not set", () => {
    expect(readConfig({ REDIS_URL: "", DATABASE_URL: "", PORT: "" }).port).toBe(3000)
  })

  test("all faults are reported at once, by name, with what is allowed", () => {
    const read = () => readConfig({ PORT: "http", ROLE: "worker", ENDPOINT_ALLOWED_CIDRS: "10.0.0.0/8,nonsense" })
    expect(read).toThrow(/the configuration has 3 fault\(s\):/)
    expect(read).toThrow(/PORT must be a whole number/)
    expect(read).toThrow(/ROLE must be one of all, gateway, dispatcher/)
    expect(read).toThrow(/ENDPOINT_ALLOWED_CIDRS must be networks/)
  })

  test("what a variable needs of another is said beside other faults", () => {
    const read = (env: Record<string, string>) => () => readConfig({ PORT: "x", ...env })
    expect(read({ DATABASE_URL: POSTGRES.DATABASE_URL })).toThrow(
      /3 fault.*PORT must.*ADMIN_KEY is required.*ENCRYPTION_KEYS is required/s,
    )
    expect(read({ REDIS_URL: "redis://a", ROLE: "gateway" })).toThrow(
      /3 fault.*PORT.*REDIS_URL needs.*ROLE must be all/s,
    )
  })

  test("a fault is said once, however many parts of a list have it", () => {
    const read = () => readConfig({ ENDPOINT_ALLOWED_PORTS: "x,0,70000", ADMIN_KEY: "ohk_live_" })
    expect(read).toThrow(/the configuration has 2 fault/)
  })

  test.each([
    [{ PORT: "http" }, /^ {2}PORT must be a whole number from 0 to 65535; it is "http"$/m],
    [{ ROLE: "worker" }, /^ {2}ROLE must be one of all, gateway, dispatcher; it is "worker"$/m],
    [{ ROLE: "gateway" }, /^ {2}ROLE must be all with the embedded store, .*; it is "gateway"$/m],
    [{ HOST: "localhost:3000" }, /without scheme and port; it is "localhost:3000"$/m],
    [{ TRUST_PROXY: "loopback,true" }, /separated by commas; it is "loopback,true"$/m],
    [{ LOG_LEVEL: "a\nb" }, /; it is "a\\nb"$/m],
    [{ LOG_LEVEL: "x".repeat(1000) }, /; it is "x{200}…"$/m],
    [{ PUBLIC_URL: "hooks.example.com" }, /; it is "hooks.example.com"$/m],
    [
      { PUBLIC_URL: "https://hooks.example.com:8443/a?b=hunter2" },
      /; it is "https:\/\/hooks.example.com:8443\/a\?…"$/m,
    ],
    [{ ...POSTGRES, DATABASE_URL: "mysql://me:hunter2@db.example.com/x" }, /; it is "mysql:\/\/db.example.com\/x"$/m],
    [{ ...POSTGRES, REDIS_URL: "redis://:hunter2@[::1]:1,b/1?cluster" }, /; it is "redis:\/\/\[::1\]:1,b\/1\?…"$/m],
  ])("the fault of %o says what was given", (env, message) => {
    expect(() => readConfig(env)).toThrow(message)
    expect(() => readConfig(env)).toThrow(expect.not.stringContaining("hunter2"))
  })

  test.each([
    { ADMIN_KEY: "hunter2" },
    { ENCRYPTION_KEYS: "k1:hunter2" },
    { META_APP_SECRET: ",", META_VERIFY_TOKEN: "hunter2" },
    { PUBLIC_URL: "https://me:hunter2@hooks.example.com/?a" },
    { PUBLIC_URL: "https://me:hunter2@hooks.example.com" },
    { ...POSTGRES, DATABASE_URL: "postgres://me:hunter2#b@db.example.com/x" },
    { ...POSTGRES, DATABASE_URL: "postgres://me:12#hunter2@db.example.com/x?options=a" },
    { ...POSTGRES, DATABASE_URL: "postgres://me:1/hunter2@db.example.com/x?options=a" },
    { ...POSTGRES, DATABASE_URL: "me:hunter2@db.example.com/x" },
    { ...POSTGRES, DATABASE_URL: "postgres://db.example.com/x?password=hunter2&options=a" },
    { ...POSTGRES, REDIS_URL: "hunter2://x" },
    { ...POSTGRES, REDIS_URL: "redis://:hunter2" },
    { ...POSTGRES, REDIS_URL: "redis://me@a:hunter2@b?x=1" },
    { ...POSTGRES, REDIS_URL: "redis://a/1?sentinelPassword=b@hunter2" },
  ])("the faults of %o repeat no secret", (env) => {
    expect(() => readConfig(env)).toThrow(expect.not.stringContaining("hunter2"))
  })

  test("a database needs the secrets that an embedded instance makes for itself", () => {
    const read = () => readConfig({ DATABASE_URL: POSTGRES.DATABASE_URL })
    expect(read).toThrow(/ADMIN_KEY is required with DATABASE_URL/)
    expect(read).toThrow(/ENCRYPTION_KEYS is required with DATABASE_URL/)
  })

  test.each([
    [{ REDIS_URL: "redis://localhost" }, /REDIS_URL needs DATABASE_URL/],
    [{ ROLE: "gateway" }, /ROLE must be all with the embedded store/],
    [{ HOST: "http://127.0.0.1" }, /HOST must be an address or a host name/],
    [{ HOST: "localhost:3000" }, /HOST must be/],
    [{ PORT: "65536" }, /PORT must be a whole number from 0 to 65535/],
    [{ PORT: " " }, /PORT must be a whole number from 0 to 65535/],
    [{ PUBLIC_URL: "hooks.example.com" }, /PUBLIC_URL must be an http or https URL.*, such as https:/],
    [{ PUBLIC_URL: "ftp://hooks.example.com" }, /PUBLIC_URL must be/],
    [{ PUBLIC_URL: "https://hooks.example.com/?a=1" }, /PUBLIC_URL must be .* without query and fragment/],
    [{ PUBLIC_URL: "https://hooks.example.com/#a" }, /PUBLIC_URL must be/],
    [{ PUBLIC_URL: "https://hooks.example.com/a b" }, /PUBLIC_URL must be/],
    [{ PUBLIC_URL: "https://me:hunter2@hooks.example.com/a" }, /PUBLIC_URL must not have a user .*com\/a"$/m],
    [{ PUBLIC_URL: "https://127.0.0.1@example.com" }, /PUBLIC_URL must not have a user or password/],
    [{ ADMIN_KEY: "x".repeat(31) }, /ADMIN_KEY must be 32 to 500 visible ASCII characters, without spaces/],
    [{ ADMIN_KEY: "correct horse battery staple correct" }, /ADMIN_KEY must be 32 to 500 visible ASCII/],
    [{ ADMIN_KEY: "ü".repeat(32) }, /ADMIN_KEY must be 32 to 500 visible ASCII/],
    [{ ADMIN_KEY: "replace-this-with-32-random-characters" }, /ADMIN_KEY is the placeholder of an example/],
    [{ ADMIN_KEY: "x".repeat(32) }, /ADMIN_KEY is the placeholder of an example/],
    [{ ADMIN_KEY: "x".repeat(501) }, /ADMIN_KEY must be 32 to 500 visible ASCII/],
    [{ ADMIN_KEY: `ohk_live_${"x".repeat(32)}` }, /ADMIN_KEY must not begin with ohk_live_ or ohk_test_/],
    [{ TRUST_PROXY: "true" }, /TRUST_PROXY must be loopback, addresses or networks/],
    [{ TRUST_PROXY: "10.0.0.0/33" }, /TRUST_PROXY must be/],
    [{ ...POSTGRES, DATABASE_URL: "mysql://x" }, /DATABASE_URL must start with postgres:/],
    [{ ...POSTGRES, DATABASE_URL: "postgres://u:a#b@x/y" }, /DATABASE_URL must be a URL .*percent-encoded/],
    [
      { ...POSTGRES, DATABASE_URL: "postgres://x/y?options=-c%20jit%3Don" },
      /must not have options,.* alter role … set/,
    ],
    [{ ...POSTGRES, DATABASE_URL: "postgres://x/y?ssl=1&statement_timeout=0" }, /DATABASE_URL must not have options/],
    [{ ...POSTGRES, DATABASE_URL: "postgres://x/y?sslmode=prefer" }, /DATABASE_URL must have a sslmode of disable,/],
    [{ ...POSTGRES, DATABASE_POOL_SIZE: "11" }, /DATABASE_POOL_SIZE must be at least 12 for this role; it is "11"/],
    [{ DATABASE_POOL_SIZE: "20" }, /DATABASE_POOL_SIZE needs DATABASE_URL/],
    [{ ...POSTGRES, PGOPTIONS: "-c search_path=onehook" }, /PGOPTIONS must not be set/],
    [{ ...POSTGRES, REDIS_PREFIX: "{mine}" }, /REDIS_PREFIX must be 1 to 64 letters/],
    [{ ...POSTGRES, REDIS_URL: "redis://u:%zz@x" }, /REDIS_URL has a % in .* that encodes nothing/],
    [{ ...POSTGRES, ENCRYPTION_KEYS: "k1:AAAA" }, /ENCRYPTION_KEYS must be <id>:<base64 of 32 bytes>/],
    [{ ENCRYPTION_KEYS: "," }, /ENCRYPTION_KEYS must be <id>:<base64 of 32 bytes>/],
    [{ ENCRYPTION_KEYS: `k1:${KEY},k1:${KEY}` }, /ENCRYPTION_KEYS must give each key an id of its own/],
    [{ META_APP_SECRET: "," }, /META_APP_SECRET must be one secret, or several separated by commas/],
    [{ META_APP_SECRET: " " }, /META_APP_SECRET must be one secret/],
    [{ META_VERIFY_TOKEN: " ".repeat(8) }, /META_VERIFY_TOKEN must have at least 8 characters/],
    [{ META_VERIFY_TOKEN: "short" }, /META_VERIFY_TOKEN must have at least 8 characters/],
    [{ ENDPOINT_ALLOWED_CIDRS: "10.0.0.1" }, /ENDPOINT_ALLOWED_CIDRS must be networks such as 10\.20\.0\.0\/16/],
    [{ ENDPOINT_ALLOWED_PORTS: "http" }, /ENDPOINT_ALLOWED_PORTS must be ports from 1 to 65535, separated by commas/],
    [{ RETENTION_DAYS: "0" }, /RETENTION_DAYS must be a whole number from 1 to 3650/],
    [{ LOG_LEVEL: "verbose" }, /LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent/],
  ])("%o is refused", (env, message) => {
    expect(() => readConfig(env)).toThrow(message)
  })

  test("a process opens no more connections than DATABASE_POOL_SIZE, and by default what its role uses", () => {
    const connections = (env: Record<string, string>) => {
      const { store } = readConfig({ ...POSTGRES, ...env })
      return store.kind === "postgres" ? sizeOf(store.sizes) : 0
    }
    expect(connections({ DATABASE_POOL_SIZE: "12" })).toBe(12)
    const redis = { REDIS_URL: "redis://localhost" }
    const roles = ["all", "gateway", "dispatcher"]
    expect(roles.map((ROLE) => connections({ ROLE }))).toEqual([31, 17, 27])
    expect(roles.map((ROLE) => connections({ ROLE, ...redis }))).toEqual([21, 14, 17])
  })

  test.each([
    { HOST: "fe80::1%eth0" },
    { PUBLIC_URL: "https://hooks.example.com/onehook/" },
    { PUBLIC_URL: "https://hooks.example.com/@onehook" },
    { ADMIN_KEY: "!~".repeat(16) },
    { ADMIN_KEY: "key-".repeat(125) },
    { ...POSTGRES, DATABASE_URL: "postgresql:///onehook?host=/run/postgresql" },
    { ...POSTGRES, DATABASE_URL: "postgres://x/y?sslmode=require&channel_binding=require&application_name=options" },
    { PGOPTIONS: "-c search_path=onehook" },
    { ...POSTGRES, DATABASE_URL: "postgres://u:p@/onehook?host=/run/postgresql" },
    { ...POSTGRES, DATABASE_URL: "postgres://u:p@%2Frun%2Fpostgresql/onehook" },
  ])("%j is taken", (env) => {
    expect(() => readConfig(env)).not.toThrow()
  })

  test("several keys and secrets are separated by commas, the first comes first", () => {
    const config = readConfig({ ...POSTGRES, ENCRYPTION_KEYS: `new:${KEY},old:${KEY}`, META_APP_SECRET: "a, b" })
    expect(config.encryptionKeys?.map(({ id }) => id)).toEqual(["new", "old"])
    expect(config.metaApp.secrets).toEqual(["a", "b"])
  })

  test("proxies are named by address, by network, or as this machine", () => {
    const { trustProxy } = readConfig({ TRUST_PROXY: "loopback, 192.0.2.7,fd00::/8" })
    expect(trustProxy).toEqual(["loopback", "192.0.2.7", "fd00::/8"])
  })

  const GATEWAY = { ...POSTGRES, ROLE: "gateway" }
  const DISPATCHER = { ...POSTGRES, ROLE: "dispatcher" }

  test.each([
    {},
    { HOST: "localhost" },
    { HOST: "::1" },
    GATEWAY,
    { PUBLIC_URL: "http://localhost:3000" },
    { PUBLIC_URL: "https://127.1.2.3/hooks" },
    { PUBLIC_URL: "http://[::1]:3000" },
    { ...DISPATCHER, PUBLIC_URL: "http://127.0.0.1:3000" },
  ])("with %j only this machine can reach the process", (env) => {
    expect(readConfig(env).loopbackOnly).toBe(true)
  })

  test.each([
    { HOST: "0.0.0.0" },
    { HOST: "10.0.0.1" },
    { HOST: "::" },
    { HOST: "example.com" },
    { HOST: "0.0.0.0", PUBLIC_URL: "http://localhost:3000" },
    { PUBLIC_URL: "https://hooks.example.com" },
    { PUBLIC_URL: "https://localhost.example.com" },
    { PUBLIC_URL: "https://127.0.0.1.example.com" },
    { ...GATEWAY, PUBLIC_URL: "https://hooks.example.com" },
    DISPATCHER,
    { ...DISPATCHER, PUBLIC_URL: "https://hooks.example.com" },
    { ...DISPATCHER, HOST: "0.0.0.0", PUBLIC_URL: "http://127.0.0.1:3000" },
  ])("with %j others may reach us", (env) => {
    expect(readConfig(env).loopbackOnly).toBe(false)
  })
})
