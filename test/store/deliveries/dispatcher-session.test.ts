import { randomUUID } from "node:crypto"
import { expect, onTestFinished, test } from "vitest"
import type { Queryable } from "../../../src/store/connection/pool.ts"
import { createDispatcherSessions } from "../../../src/store/deliveries/dispatcher-session.ts"
import { describePostgres } from "../../support/stores.ts"
import { until } from "../../support/until.ts"

const LEASE_SECONDS = 10

describePostgres("the session of a dispatcher", (pool) => {
  const newHolder = () => `d${randomUUID().replaceAll("-", "")}`

  async function start(holder: string) {
    const sessions = createDispatcherSessions(pool(), LEASE_SECONDS)
    let connection: Queryable | undefined
    const kept = await sessions.keep({
      async onConnect(next) {
        connection = next
        await sessions.begin(next, holder, null)
      },
      check: async () => {},
      checkEveryMs: 1_000,
      onPayload: () => {},
      onLost: () => {},
      onError: () => {},
    })
    onTestFinished(kept.close)
    const dead = async (name: string) => (await sessions.dead(connection as Queryable, holder)).includes(name)
    return { ...sessions, dead, close: kept.close }
  }

  const lease = (holder: string, endpointId: string) =>
    pool().query("insert into drains values ($1, $2, now() + interval '10 s')", [endpointId, holder])

  async function leases(...endpointIds: string[]) {
    const { rows } = await pool().query<{ holder: string; live: boolean }>(
      "select holder, expires_at > now() as live from drains where endpoint_id = any($1) order by endpoint_id",
      [endpointIds],
    )
    return rows
  }

  test("lives while its connection does, for any number of others that ask", async () => {
    const [one, two, three] = [newHolder(), newHolder(), newHolder()]
    const [first, second, third] = [await start(one), await start(two), await start(three)]
    expect(await Promise.all([second.dead(one), third.dead(one), first.dead(two)])).toEqual([false, false, false])
    await first.close()
    await until(() => second.dead(one), "the session to end")
    expect(await third.dead(one)).toBe(true)
  })

  test("ends with its connection, and its leases can be taken back, but no one else's", async () => {
    const [one, two] = [newHolder(), newHolder()]
    const [first, second] = [await start(one), await start(two)]
    const [a, b] = [`ep_a${one}`, `ep_b${two}`]
    await lease(one, a)
    await lease(two, b)
    await first.close()
    await until(() => second.dead(one), "the session to end")
    expect(await second.takeBack([one])).toEqual([a])
    expect(await leases(a, b)).toEqual([
      { holder: one, live: false },
      { holder: two, live: true },
    ])
    expect(await second.dead(one)).toBe(false)
  })

  test("passes its leases on to the next session of the process, unless they were taken back", async () => {
    const [one, two] = [newHolder(), newHolder()]
    const sessions = createDispatcherSessions(pool(), LEASE_SECONDS)
    const [a, b] = [`ep_a${one}`, `ep_b${one}`]
    await lease(one, a)
    await lease("other", b)
    await pool().transaction(async (connection) => {
      expect(await sessions.begin(connection, two, one)).toEqual([a])
    })
    expect(await leases(a, b)).toEqual([
      { holder: two, live: true },
      { holder: "other", live: true },
    ])
  })

  test("that a server ended is replaced", async () => {
    const sessions = createDispatcherSessions(pool(), LEASE_SECONDS)
    const pids: number[] = []
    let lost = 0
    const kept = await sessions.keep({
      async onConnect(connection) {
        const { rows } = await connection.query<{ pid: number }>("select pg_backend_pid() as pid")
        pids.push(rows[0]?.pid ?? 0)
      },
      check: async () => {},
      checkEveryMs: 1_000,
      onPayload: () => {},
      onLost: () => void lost++,
      onError: () => {},
    })
    onTestFinished(kept.close)
    await pool().query("select pg_terminate_backend($1)", [pids[0]])
    await until(() => pids.length === 2, "another connection")
    expect(lost).toBe(1)
  })
})
