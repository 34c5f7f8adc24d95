import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, inject, test } from "vitest"
import { startPostgres } from "../../bench/support/postgres.ts"
import { freePort, hasEnded } from "../../bench/support/processes.ts"
import { copyStoreInto } from "../support/embedded-store.ts"
import {
  ADMIN_KEY,
  APP_SECRET,
  addTenant,
  api,
  messengerText,
  postWebhook,
  spawnProcess,
  startProcess,
  tempDir,
  VERIFY_TOKEN,
} from "../support/onehook.ts"
import { startReceiver } from "../support/receiver.ts"
import { until } from "../support/until.ts"

const SECRETS = {
  ADMIN_KEY,
  META_APP_SECRET: APP_SECRET,
  META_VERIFY_TOKEN: VERIFY_TOKEN,
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString("base64")}`,
}

/** Files that a first start would create, prepared in advance. */
function dataDir() {
  const dir = tempDir()
  copyStoreInto(dir.path)
  return dir
}

describe("the process", () => {
  test("refuses a data directory that another process uses, and says what to do", async () => {
    const dir = dataDir()
    const first = await startProcess({ ...SECRETS, DATA_DIR: dir.path })
    const { instance: second } = spawnProcess({ ...SECRETS, DATA_DIR: dir.path })
    await until(() => hasEnded(second.child), "the second process to end")
    expect(second.child.exitCode).toBe(1)
    expect(second.output()).toContain(`another Onehook process uses the data directory ${dir.path}`)
    expect((await fetch(`${first.url}/livez`)).status).toBe(200)
    await first.kill("SIGKILL")
    const third = await startProcess({ ...SECRETS, DATA_DIR: dir.path })
    await third.kill()
    dir.remove()
  })

  test("reports all configuration errors in one message", async () => {
    const { instance } = spawnProcess({ PORT: "http", ROLE: "worker", RETENTION_DAYS: "0" })
    await until(() => hasEnded(instance.child), "the process to end")
    expect(instance.child.exitCode).toBe(1)
    expect(instance.output()).toContain("the configuration has 3 fault(s)")
    expect(instance.output()).not.toContain("    at ")
  })

  test("says that its data directory is not usable", async () => {
    const { instance } = spawnProcess({ ...SECRETS, DATA_DIR: `${import.meta.filename}/data` })
    await until(() => hasEnded(instance.child), "the process to end")
    expect(instance.child.exitCode).toBe(1)
    expect(instance.output()).toMatch(/onehook: DATA_DIR must be a folder that this user can write to: ENOTDIR/)
  })

  test("reports that its port is in use", async () => {
    const dir = dataDir()
    const other = dataDir()
    const first = await startProcess({ ...SECRETS, DATA_DIR: dir.path })
    const { port } = new URL(first.url)
    const { instance } = spawnProcess({ ...SECRETS, DATA_DIR: other.path, PORT: port })
    await until(() => hasEnded(instance.child), "the process to end")
    expect(instance.child.exitCode).toBe(1)
    expect(instance.output()).toContain(`cannot listen at HOST 127.0.0.1, PORT ${port}: `)
    expect(instance.output()).toContain("EADDRINUSE")
    await first.kill()
    dir.remove()
    other.remove()
  })

  test("prints where it listens and what to try, with the actual port in its public URL", async () => {
    const dir = tempDir()
    const dataDir = `${dir.path}/of Acme`
    copyStoreInto(dataDir)
    const { instance } = spawnProcess({ ADMIN_KEY, DATA_DIR: dataDir, PORT: "0" })
    const [, url = ""] = await until(() => /listens on (http:\S+)/.exec(instance.output()), "the welcome", 30_000)
    const { body, port } = { body: { secrets: ["0123456789abcdef"] }, port: new URL(url).port }
    expect(Number(port)).toBeGreaterThan(0)
    const app = await api(url, ADMIN_KEY)<{ callback_urls: object }>("POST", "/v1/apps", body)
    expect(Object.values(app.callback_urls)[0]).toMatch(new RegExp(`^${url}/webhooks/facebook/app_`))
    expect(await (await fetch(`${url}/openapi.json`)).json()).toMatchObject({ servers: [{ url }] })
    expect(await (await fetch(`${url}/v1/nowhere`)).json()).toMatchObject({ type: `${url}/docs#route_not_found` })
    expect(instance.output()).toContain(`export ONEHOOK_URL=${url}\n  export DATA_DIR='${dataDir}'\n`)
    expect(instance.output()).toContain(` --save '${dataDir}/acme.env'\n`)
    expect(instance.output()).toContain(` --env-file='${dataDir}/acme.env' docs/examples/receiver.ts &\n`)
    await instance.kill()
    dir.remove()
  })

  test("counts failed authentications by the address that a trusted proxy sends", async () => {
    const dir = dataDir()
    const gateway = await startProcess({ ...SECRETS, DATA_DIR: dir.path, TRUST_PROXY: "loopback" })
    const statusFor = async (address: string) => {
      const headers = { authorization: "Bearer guess", "x-forwarded-for": address }
      return (await fetch(`${gateway.url}/v1/customers`, { headers })).status
    }
    for (let guess = 0; guess < 30; guess++) expect(await statusFor("203.0.113.1")).toBe(401)
    expect([await statusFor("203.0.113.1"), await statusFor("203.0.113.2")]).toEqual([429, 401])
    await gateway.kill()
    dir.remove()
  })

  test("keeps its data across a restart, and exits with 0 on SIGTERM", async () => {
    const dir = tempDir()
    const receiver = await startReceiver()
    const first = await startProcess({ ...SECRETS, DATA_DIR: dir.path })
    const tenant = await addTenant(first.url, { url: receiver.url })
    expect(await first.kill("SIGTERM")).toBe(0)
    const second = await startProcess({ ...SECRETS, DATA_DIR: dir.path })
    await postWebhook(second.url, messengerText(tenant.pageId, "m_second_start"))
    await receiver.get(({ body }) => body.includes("m_second_start"))
    expect(await second.kill("SIGTERM")).toBe(0)
    await receiver.close()
    dir.remove()
  })

  test("refuses encryption keys that do not match its store, and says what to do", async () => {
    const dir = dataDir()
    const first = await startProcess({ ...SECRETS, DATA_DIR: dir.path })
    await addTenant(first.url, { url: "http://127.0.0.1:9/" })
    await first.kill()
    const ENCRYPTION_KEYS = `k1:${Buffer.alloc(32, 8).toString("base64")}`
    const { instance } = spawnProcess({ ...SECRETS, ENCRYPTION_KEYS, DATA_DIR: dir.path })
    await until(() => hasEnded(instance.child), "the process to end")
    expect(instance.child.exitCode).toBe(1)
    expect(instance.output()).toMatch(/onehook: the encryption key "k1" cannot decrypt .* ENCRYPTION_KEYS$/m)
    expect(instance.output()).not.toContain("ep_")
    dir.remove()
  })

  test("stopped during its first start exits with 0, and can start again", async () => {
    const dir = tempDir()
    const { instance } = spawnProcess({ ...SECRETS, DATA_DIR: dir.path })
    await until(() => existsSync(join(dir.path, "lock")), "the process to start")
    expect(await instance.kill("SIGTERM")).toBe(0)
    expect(instance.output()).not.toContain("listening")
    const again = await startProcess({ ...SECRETS, DATA_DIR: dir.path })
    expect(await again.kill("SIGTERM")).toBe(0)
    dir.remove()
  })

  test("stopped while its modules load exits with 0, also as PID 1 of a container", async () => {
    const stop = `import { registerHooks } from "node:module"
      registerHooks({ load(url, context, next) {
        if (url.endsWith("/src/app/context.ts")) process.kill(process.pid, "SIGTERM")
        return next(url, context)
      } })`
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(stop)}`
    const DATABASE_URL = `postgres://127.0.0.1:${await freePort()}/postgres`
    const { instance } = spawnProcess({ ...SECRETS, DATABASE_URL, NODE_OPTIONS })
    await until(() => hasEnded(instance.child), "the process to end")
    expect(instance.child.exitCode).toBe(0)
  })

  test("finishes deliveries in flight before it exits", async () => {
    const dir = dataDir()
    let answer = () => {}
    const answered = new Promise<number>((resolve) => {
      answer = () => resolve(200)
    })
    const receiver = await startReceiver(() => answered)
    const first = await startProcess({ ...SECRETS, DATA_DIR: dir.path })
    const tenant = await addTenant(first.url, { url: receiver.url })
    await postWebhook(first.url, messengerText(tenant.pageId, "m_in_flight"))
    await receiver.get()
    const ended = first.kill("SIGTERM")
    await until(() => first.output().includes("stopping"), "the process to stop")
    answer()
    expect(await ended).toBe(0)
    const second = await startProcess({ ...SECRETS, DATA_DIR: dir.path })
    const call = api(second.url, ADMIN_KEY, tenant.id)
    const { data } = await call<{ data: { state: string; attempts: number }[] }>("GET", "/v1/deliveries")
    expect(data).toMatchObject([{ state: "delivered", attempts: 1 }])
    expect(receiver.requests).toHaveLength(1)
    await second.kill()
    await receiver.close()
    dir.remove()
  })

  describe.skipIf(inject("postgresUrl") === null)("on Postgres", () => {
    test("waits for an unreachable database and logs it, until it is stopped", async () => {
      const url = `postgres://postgres:hunter2@127.0.0.1:${await freePort()}/postgres`
      const { instance } = spawnProcess({ ...SECRETS, DATABASE_URL: url })
      await until(() => instance.output().includes("cannot use the database of DATABASE_URL"), "the message")
      expect(instance.output()).toContain("ECONNREFUSED")
      expect(instance.output()).not.toContain("hunter2")
      expect(hasEnded(instance.child)).toBe(false)
      expect(await instance.kill("SIGTERM")).toBe(0)
    })

    test("responds 503 while the database is unavailable, and delivers when it is back", async () => {
      const database = await startPostgres()
      const receiver = await startReceiver()
      const gateway = await startProcess({ ...SECRETS, DATABASE_URL: database.url })
      const tenant = await addTenant(gateway.url, { url: receiver.url })
      await database.restart(async () => {
        const refused = await postWebhook(gateway.url, messengerText(tenant.pageId, "m_away"))
        expect(refused.status).toBe(503)
        expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503)
        expect((await fetch(`${gateway.url}/livez`)).status).toBe(200)
      })
      await until(async () => (await fetch(`${gateway.url}/readyz`)).ok, "the store to be ready again")
      const taken = await postWebhook(gateway.url, messengerText(tenant.pageId, "m_away"))
      expect(taken.status).toBe(200)
      await receiver.get(({ body }) => body.includes("m_away"))
      expect(await gateway.kill("SIGTERM")).toBe(0)
      await receiver.close()
      await database.stop()
    })
  })
})
