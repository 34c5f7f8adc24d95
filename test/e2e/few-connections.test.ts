import { randomUUID } from "node:crypto"
import { describe, expect, inject, it } from "vitest"
import { createDatabase, dropDatabase, query } from "../../bench/support/postgres.ts"
import { leastConnections } from "../../src/store/connection/pool-sizes.ts"
import { installation } from "../support/installation.ts"
import { addTenant, messengerText, postWebhook } from "../support/onehook.ts"
import { startReceiver } from "../support/receiver.ts"
import { until } from "../support/until.ts"

const WEBHOOKS = 60
const adminUrl = inject("postgresUrl")

describe.skipIf(adminUrl === null)("a process with the fewest connections", () => {
  it("commits and delivers, for a user that may open no more", async () => {
    const name = `few_${randomUUID().replaceAll("-", "")}`
    const most = leastConnections("all", true)
    const database = new URL(await createDatabase(adminUrl ?? "", name))
    await query(adminUrl ?? "", `create role ${name} login connection limit ${most}`)
    await query(adminUrl ?? "", `alter database ${name} owner to ${name}`)
    await query(database.href, `alter schema public owner to ${name}`)
    database.username = name
    const env = { DATABASE_URL: database.href, DATABASE_POOL_SIZE: String(most) }
    const onehook = installation(env, async () => {
      await dropDatabase(adminUrl ?? "", name)
      await query(adminUrl ?? "", `drop role ${name}`)
    })
    const receiver = await startReceiver()
    try {
      const { url } = await onehook.startAll()
      const { pageId } = await addTenant(url, { url: receiver.url })
      const posts = Array.from({ length: WEBHOOKS }, (_, index) =>
        postWebhook(url, messengerText(pageId, `m_${index}`)),
      )
      expect(new Set((await Promise.all(posts)).map(({ status }) => status))).toEqual(new Set([200]))
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
      await until(() => receiver.requests.length >= WEBHOOKS, "all deliveries")
    } finally {
      await onehook.remove()
      await receiver.close()
    }
  })
})
