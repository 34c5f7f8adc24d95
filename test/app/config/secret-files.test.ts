import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { readConfig } from "../../../src/app/config/config.ts"

const SECRETS = {
  ADMIN_KEY: "0123456789abcdef0123456789abcdef",
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString("base64")}`,
  META_APP_SECRET: "app-secret-of-this-test",
  META_VERIFY_TOKEN: "verify-token-of-this-test",
  DATABASE_URL: "postgres://me:hunter2@db.example.com/onehook",
  REDIS_URL: "redis://:hunter2@redis.example.com",
}

/** A file for each, and the variables that name them. */
function inFiles(contents: Record<string, string>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "onehook-secrets-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return Object.fromEntries(
    Object.entries(contents).map(([name, text]) => {
      const file = join(folder, name.toLowerCase())
      writeFileSync(file, text)
      return [`${name}_FILE`, file]
    }),
  )
}

test("every secret can be in a file, with or without a line break at its end", () => {
  expect(readConfig(inFiles(SECRETS))).toEqual(readConfig(SECRETS))
  const broken = Object.fromEntries(Object.entries(SECRETS).map(([name, text]) => [name, `${text}\r\n`]))
  expect(readConfig(inFiles(broken))).toEqual(readConfig(SECRETS))
})

test.each(Object.keys(SECRETS))("%s and its file must not both be set", (name) => {
  const read = () => readConfig({ ...SECRETS, ...inFiles({ [name]: "x" }) })
  expect(read).toThrow(/the configuration has 1 fault/)
  expect(read).toThrow(`${name}_FILE must not be set beside ${name}`)
  expect(read).toThrow(expect.not.stringContaining("hunter2"))
})

test.each(Object.keys(SECRETS))("a file of %s that is missing or empty is one fault that names the file", (name) => {
  const { [name as "ADMIN_KEY"]: _, ...others } = SECRETS
  const missing = () => readConfig({ ...others, [`${name}_FILE`]: "/nonexistent/secret" })
  expect(missing).toThrow(/the configuration has 1 fault/)
  expect(missing).toThrow(`${name}_FILE must name a file that can be read (ENOENT); it is "/nonexistent/secret"`)
  const empty = () => readConfig({ ...others, ...inFiles({ [name]: "\n" }) })
  expect(empty).toThrow(`${name}_FILE must name a file that is not empty`)
})

test("a fault of a file's content is a fault of the variable, and the content is not repeated", () => {
  const read = () => readConfig(inFiles({ ...SECRETS, ADMIN_KEY: "hunter2", DATABASE_URL: "mysql://me:hunter2@x/y" }))
  expect(read).toThrow(/DATABASE_URL must start with postgres.*ADMIN_KEY must be 32 to 500/s)
  expect(read).toThrow(expect.not.stringContaining("hunter2"))
})
