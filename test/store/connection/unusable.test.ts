import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  findPostgres,
  type PostgresServer,
  query,
  startPostgres,
  unprivilegedUser,
} from "../../../bench/support/postgres.ts"
import { freePort } from "../../../bench/support/processes.ts"
import { openPool } from "../../../src/store/connection/open.ts"
import type { StoreFault } from "../../../src/store/connection/store-fault.ts"
import { storeFault } from "../../../src/store/connection/store-fault.ts"
import { createCertificate } from "../../sender/certificate.ts"

const HBA = `
host all postgres 127.0.0.1/32 trust
hostssl all secure all scram-sha-256
host all plain all scram-sha-256
`

describe.skipIf(findPostgres() === null)("a Postgres with TLS and passwords", () => {
  let server: PostgresServer
  let folder: string
  const file = (name: string) => join(folder, name)

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "onehook-tls-"))
    const { uid, gid } = unprivilegedUser() ?? {}
    if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
    const { key, cert } = createCertificate("localhost")
    const files = {
      "hba.conf": HBA,
      "key.pem": key,
      "cert.pem": cert,
      "other.pem": createCertificate("localhost").cert,
    }
    for (const [name, text] of Object.entries({ ...files, "text.pem": "no certificate" })) {
      writeFileSync(file(name), text, { mode: 0o600 })
      if (uid !== undefined && gid !== undefined) chownSync(file(name), uid, gid)
    }
    const settings = { ssl: "on", ssl_cert_file: file("cert.pem"), ssl_key_file: file("key.pem") }
    server = await startPostgres({ ...settings, hba_file: file("hba.conf") })
    await query(server.url, "create role secure login password 'pass'; create role plain login password 'pass'")
    await query(server.url, "create database latin encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0")
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const urlOf = (login: string, host: string, rest: string) =>
    `postgres://${login}@${host}:${new URL(server.url).port}/${rest}`
  async function used(url: string): Promise<StoreFault | "usable"> {
    try {
      const pool = await openPool({ kind: "postgres", url }, () => {})
      await pool.check().finally(() => pool.close())
      return "usable"
    } catch (error) {
      return storeFault(error)
    }
  }
  const ca = (name: string) => `sslrootcert=${encodeURIComponent(file(name))}`

  it("is used by each sslmode as libpq does", async () => {
    const by = async (host: string, options: string) => {
      const result = await used(urlOf("secure:pass", host, `postgres?${options}`))
      return result === "usable" ? result : (result.cause as { code: string }).code
    }
    expect({
      disable: await by("localhost", "sslmode=disable"),
      require: await by("localhost", "sslmode=require"),
      "require, wrong authority": await by("localhost", `sslmode=require&${ca("other.pem")}`),
      "verify-ca": await by("localhost", `sslmode=verify-ca&${ca("cert.pem")}`),
      "verify-ca, wrong authority": await by("localhost", `sslmode=verify-ca&${ca("other.pem")}`),
      "verify-ca, other host": await by("127.0.0.1", `sslmode=verify-ca&${ca("cert.pem")}`),
      "verify-full": await by("localhost", `sslmode=verify-full&${ca("cert.pem")}`),
      "verify-full, other host": await by("127.0.0.1", `sslmode=verify-full&${ca("cert.pem")}`),
      "verify-full, public authorities": await by("localhost", "sslmode=verify-full"),
    }).toEqual({
      disable: "28000",
      require: "usable",
      "require, wrong authority": "DEPTH_ZERO_SELF_SIGNED_CERT",
      "verify-ca": "usable",
      "verify-ca, wrong authority": "DEPTH_ZERO_SELF_SIGNED_CERT",
      "verify-ca, other host": "usable",
      "verify-full": "usable",
      "verify-full, other host": "ERR_TLS_CERT_ALTNAME_INVALID",
      "verify-full, public authorities": "DEPTH_ZERO_SELF_SIGNED_CERT",
    })
  })

  it.each([
    ["plain:wrong", "postgres", /password is wrong/],
    ["plain", "postgres", /add it to the URL/],
    ["secure:pass", "postgres?sslmode=disable", /does not let this user in .* sslmode=verify-full/],
    ["postgres", "missing", /database does not exist: create it/],
    ["postgres", "latin", /encoding LATIN1: create one with encoding 'UTF8'/],
    [
      "postgres",
      "postgres?sslmode=verify-full&sslrootcert=/no/such.pem",
      /certificate file \/no\/such.pem .* cannot be read/,
    ],
  ])("is not waited for as %s in %s", async (login, rest, message) => {
    const fault = (await used(urlOf(login, "127.0.0.1", rest))) as StoreFault
    expect(fault.message).toMatch(message)
    expect(fault.heals).toBe(false)
  })

  it("is not waited for with a damaged certificate file", async () => {
    const fault = (await used(
      urlOf("secure:pass", "localhost", `postgres?sslmode=verify-ca&${ca("text.pem")}`),
    )) as StoreFault
    expect(fault.message).toMatch(/certificate/)
    expect(fault.heals).toBe(false)
  })

  it("is found behind a host that is down, and left when it becomes read-only", async () => {
    const { port } = new URL(server.url)
    const url = `postgres://plain:pass@127.0.0.1:${await freePort()},127.0.0.1:${port}/postgres`
    const pool = await openPool({ kind: "postgres", url }, () => {})
    const down = storeFault(await pool.check().catch((error: unknown) => error))
    expect(down).toMatchObject({ heals: true, message: expect.stringContaining("nothing listens there") })
    await pool.check()
    await query(server.url, "alter role plain set default_transaction_read_only = on")
    const readOnly = storeFault(await pool.check().catch((error: unknown) => error))
    expect(readOnly).toMatchObject({ heals: true, message: expect.stringContaining("read-only") })
    await query(server.url, "alter role plain reset default_transaction_read_only")
    await pool.close()
  })

  it("with too few connections for this process is refused, whoever limits them", async () => {
    await query(server.url, "create database small connection limit 5")
    const sizes = { general: 2, commits: 1, relaxed: 1, queue: 0, listeners: 3 }
    const check = async (url: string) => {
      const pool = await openPool({ kind: "postgres", url, sizes }, () => {})
      return pool
        .check()
        .then(
          () => "usable",
          (error: Error) => error.message,
        )
        .finally(() => pool.close())
    }
    expect(await check(urlOf("plain:pass", "127.0.0.1", "postgres"))).toBe("usable")
    expect(await check(urlOf("plain:pass", "127.0.0.1", "small"))).toMatch(
      /opens up to 7 connections, and the database is limited to 5: .*DATABASE_POOL_SIZE/,
    )
  })
})

it("a server that cannot be reached yet, or starts up, is waited for", () => {
  const codes = ["ECONNREFUSED", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "57P03", "53300", "25006"]
  const faults = codes.map((code) => storeFault(Object.assign(new Error("told by the driver"), { code })))
  expect(faults.filter(({ heals }) => !heals)).toEqual([])
  expect(faults.filter(({ message }) => message.includes("told by the driver"))).toEqual([])
})
