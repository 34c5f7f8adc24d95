import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import type { Pool, Queryable } from "../../../src/store/connection/pool.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { createEventsStore } from "../../../src/store/events/events.ts"
import { eventRows } from "../../support/rows.ts"
import { describePostgres, describeStores } from "../../support/stores.ts"
import { until } from "../../support/until.ts"

const rowsOf = (customerId: string, body: string) => eventRows({ customerId, endpointId: "ep_none", body })
const add = (pool: Pool, customerId: string, body: string) => commit(pool, rowsOf(customerId, body))

/** Reads from `after` until there is nothing more for now. */
async function readOn(events: ReturnType<typeof createEventsStore>, customerId: string, after = 0, limit = 2) {
  const bodies: string[] = []
  for (;;) {
    const page = await events.follow(customerId, {}, { after, limit })
    bodies.push(...page.data.map(({ body }) => body))
    after = page.next
    if (!page.full) return { bodies, after }
  }
}

describeStores("events in order of arrival", (pool) => {
  test("are each read once, page by page, and after the end when new ones arrive", async () => {
    const events = createEventsStore(pool())
    const customerId = `cus_${randomUUID()}`
    for (const body of ["1", "2", "3", "4", "5"]) await add(pool(), customerId, body)
    const first = await readOn(events, customerId)
    expect(first.bodies).toEqual(["1", "2", "3", "4", "5"])
    expect((await readOn(events, customerId, first.after)).bodies).toEqual([])
    await add(pool(), "cus_other", "other")
    await add(pool(), customerId, "6")
    expect((await readOn(events, customerId, first.after)).bodies).toEqual(["6"])
  })

  test("come in pages of limited size, and none is skipped", async () => {
    const events = createEventsStore(pool())
    const customerId = `cus_${randomUUID()}`
    const big = (fill: string) => fill.repeat(700_000)
    const bodies = ["1", big("a"), big("b"), big("c"), "2"]
    for (const body of bodies) await add(pool(), customerId, body)
    const pages: number[] = []
    const listed: string[] = []
    for (let after: string | null | undefined; after !== null; ) {
      const page = await events.list(customerId, {}, { after: after ?? null, limit: 250 })
      pages.push(page.data.length)
      listed.push(...page.data)
      after = page.next
    }
    expect(pages).toEqual([3, 2])
    expect(listed).toEqual(bodies.toReversed())
    const first = await events.follow(customerId, {}, { after: 0, limit: 250 })
    expect([first.data.length, first.full]).toEqual([3, true])
    expect((await readOn(events, customerId, 0, 250)).bodies).toEqual(bodies)
  })

  test("the end is after the events that a filter left out", async () => {
    const events = createEventsStore(pool())
    const customerId = `cus_${randomUUID()}`
    await add(pool(), customerId, "1")
    const page = await events.follow(customerId, { event: "lead.received" }, { after: 0, limit: 10 })
    expect(page.data).toEqual([])
    expect(page.next).toBe(await events.horizon())
  })

  test("are reported for those of several customers that have new ones", async () => {
    const events = createEventsStore(pool())
    const [one, two, three] = ["one", "two", "three"].map((name) => `cus_${name}_${randomUUID()}`) as [
      string,
      string,
      string,
    ]
    await add(pool(), one, "1")
    const before = await events.horizon()
    await add(pool(), two, "2")
    const after = await events.horizon()
    expect(await events.arrived([one, two, three], before, after)).toEqual([two])
  })
})

describePostgres("commits that overlap", (pool) => {
  test("no event is skipped if an earlier commit ends later", async () => {
    let queries = 0
    const query: Queryable["query"] = (...given) => {
      queries += 1
      return pool().query(...given)
    }
    const events = createEventsStore({ query }, 10_000)
    const customerId = `cus_${randomUUID()}`
    const slow = await begin(pool(), (connection) => insert(connection, rowsOf(customerId, "slow")))
    await add(pool(), customerId, "fast")
    const { rows } = await pool().query("select body from events where customer_id = $1", [customerId])
    expect(rows).toEqual([{ body: "fast" }])
    const reading = readOn(events, customerId)
    await until(() => queries > 4, "the reader to look for unfinished commits again")
    await slow.end()
    expect((await reading).bodies).toEqual(["slow", "fast"])
  })

  test("a commit that does not end delays later events, but not earlier ones", async () => {
    const events = createEventsStore(pool(), 5)
    const customerId = `cus_${randomUUID()}`
    await add(pool(), customerId, "before")
    expect((await readOn(events, customerId)).bodies).toEqual(["before"])
    const slow = await begin(pool(), (connection) => insert(connection, rowsOf(customerId, "slow")))
    await add(pool(), customerId, "fast")
    expect((await readOn(events, customerId)).bodies).toEqual(["before"])
    await slow.end()
    expect((await readOn(events, customerId)).bodies).toEqual(["before", "slow", "fast"])
  })

  test.each(["fresh", "not fresh"])("the current end is not guessed by a gateway that is %s", async (age) => {
    const events = createEventsStore(pool(), 5)
    const customerId = `cus_${randomUUID()}`
    await add(pool(), customerId, "before")
    if (age !== "fresh") await events.horizon()
    const slow = await begin(pool(), (connection) => insert(connection, rowsOf(customerId, "slow")))
    await add(pool(), customerId, "fast")
    await expect(events.currentHorizon()).rejects.toMatchObject({ code: "store_unavailable" })
    await slow.end()
    expect((await readOn(events, customerId, await events.currentHorizon())).bodies).toEqual([])
    await add(pool(), customerId, "after")
    expect(await events.currentHorizon()).toBe(await events.horizon())
  })

  test("readers get every event once, in one order, while many writers commit", async () => {
    const events = createEventsStore(pool())
    const customerId = `cus_${randomUUID()}`
    const writer = async (name: string) => {
      for (let i = 0; i < 60; i++) {
        if (i % 3 > 0) await add(pool(), customerId, `${name}${i}`)
        else
          await pool().transaction(async (connection) => {
            await insert(connection, rowsOf(customerId, `${name}${i}`))
            await connection.query("select pg_sleep(random() * 0.01)")
          })
      }
    }
    const writing = Promise.all(["a", "b", "c", "d"].map(writer))
    let done = false
    void writing.then(() => {
      done = true
    })
    const seen: string[] = []
    let after = 0
    await until(async () => {
      const last = done
      const page = await readOn(events, customerId, after, 7)
      seen.push(...page.bodies)
      after = page.after
      return last
    }, "the writers")
    const { rows } = await pool().query<{ body: string }>(
      "select body from events where customer_id = $1 order by events.seq",
      [customerId],
    )
    expect(seen).toHaveLength(240)
    expect(seen).toEqual(rows.map(({ body }) => body))
  })
})

const insert = (connection: Queryable, rows: ReturnType<typeof eventRows>) =>
  commit({ query: connection.query.bind(connection), transaction: (work) => work(connection) }, rows)

/** A transaction that has run `work` and is still open. */
async function begin(pool: Pool, work: (connection: Queryable) => Promise<unknown>) {
  const release = Promise.withResolvers<void>()
  const worked = Promise.withResolvers<void>()
  const ended = pool.transaction(async (connection) => {
    await work(connection)
    worked.resolve()
    await release.promise
  })
  await worked.promise
  return {
    end() {
      release.resolve()
      return ended
    },
  }
}
