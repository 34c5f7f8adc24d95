import { randomUUID } from "node:crypto"
import { describe, expect, inject, onTestFinished, test } from "vitest"
import { createDatabase, dropDatabase, query } from "../../bench/support/postgres.ts"
import { installation } from "../support/installation.ts"
import { addTenant, messengerText, postWebhook } from "../support/onehook.ts"
import { startProxy } from "../support/proxy.ts"
import { startReceiver } from "../support/receiver.ts"
import { until } from "../support/until.ts"

const adminUrl = inject("postgresUrl")
const BATCH = 8

const END_SESSIONS = `select pg_terminate_backend(pid) from pg_locks
where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`

describe.skipIf(adminUrl === null).each([
  { name: "its leases end", isSessionEnded: false, withinMs: 30_000 },
  { name: "Postgres ends its session and it does not notice", isSessionEnded: true, withinMs: 5_000 },
])("a dispatcher that loses Postgres, when $name,", ({ isSessionEnded, withinMs }) => {
  test("stops sending before another dispatcher takes over its endpoints", async () => {
    const database = `e2e_${randomUUID().replaceAll("-", "")}`
    const url = await createDatabase(adminUrl ?? "", database)
    const proxy = await startProxy(url)
    onTestFinished(proxy.close)
    const first = Promise.withResolvers<number>()
    const receiver = await startReceiver((_received, count) => (count === 1 ? first.promise : 200))
    onTestFinished(receiver.close)
    const installed = installation({ DATABASE_URL: url }, () => dropDatabase(adminUrl ?? "", database))
    onTestFinished(installed.remove)
    const gateway = await installed.startRole("gateway")
    const cutOff = await installed.startRole("dispatcher", { DATABASE_URL: proxy.url })
    const tenant = await addTenant(gateway.url, { url: receiver.url, max_concurrency: 1 })
    const entry = Array.from({ length: BATCH }, (_, i) => messengerText(tenant.pageId, `m_${i}`).entry).flat()
    await postWebhook(gateway.url, { object: "page", entry })
    // The batch is prefetched, and its first delivery is in flight.
    await receiver.get()

    proxy.hang()
    if (isSessionEnded) await query(url, END_SESSIONS)
    const other = await installed.startRole("dispatcher")
    await until(() => receiver.requests.length > 1, "the other one to take over", withinMs)
    first.resolve(200)
    const states = async () => {
      const { data } = await tenant.call<{ data: { state: string }[] }>("GET", "/v1/deliveries")
      return data.map(({ state }) => state)
    }
    await until(async () => (await states()).every((state) => state === "delivered"), "the batch to be delivered")

    proxy.goOn()
    await other.kill()
    await postWebhook(gateway.url, messengerText(tenant.pageId, "m_after"))
    await receiver.get(({ body }) => body.includes("m_after"), 30_000)
    // The delivery in flight arrived twice.
    expect(receiver.requests).toHaveLength(BATCH + 2)
    expect(await cutOff.kill()).toBe(0)
  }, 90_000)
})
