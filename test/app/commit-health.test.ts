import { describe, expect, inject, it } from "vitest"
import { watchCommits } from "../../src/app/commit-health.ts"
import type { Pool } from "../../src/store/connection/pool.ts"
import { describeStores } from "../support/stores.ts"

const failure = (code: string) => Object.assign(new Error("refused"), { code })

/** A store whose commits do what the test says. */
function storeOf(commit: () => Promise<unknown>, probe: () => Promise<unknown> = async () => {}) {
  let nowMs = 0
  let probes = 0
  const query = async (statement: unknown) => {
    if (typeof statement === "string") probes += 1
    return typeof statement === "string" ? probe() : commit()
  }
  const pool = { commits: { query, transaction: commit }, query: async () => ({ rows: [] }) } as unknown as Pool
  const watched = watchCommits(pool, () => nowMs)
  return {
    ...watched,
    commit: () => watched.pool.commits.query({ name: "commit", text: "" }).catch(() => {}),
    probes: () => probes,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

describe("a store is ready", () => {
  it("only while the connections that commit webhooks can write", async () => {
    let full = true
    const store = storeOf(
      async () => {},
      async () => {
        if (full) throw failure("53100")
      },
    )
    expect(await store.ready()).toBe(false)
    full = false
    expect(await store.ready()).toBe(false)
    store.pass(1_001)
    expect(await store.ready()).toBe(true)
  })

  it("not for five seconds after a webhook that could not be committed", async () => {
    const store = storeOf(async () => {
      throw failure("53300")
    })
    expect(await store.ready()).toBe(true)
    await store.commit()
    expect(await store.ready()).toBe(false)
    store.pass(5_001)
    expect(await store.ready()).toBe(true)
  })

  it.each(["23505", "57014"])("although one webhook was refused with %s", async (code) => {
    const store = storeOf(async () => {
      throw failure(code)
    })
    await store.commit()
    expect(await store.ready()).toBe(true)
  })

  it("by one write a second, however often it is asked", async () => {
    const store = storeOf(async () => {})
    for (let count = 0; count < 10; count++) await store.ready()
    expect(store.probes()).toBe(1)
    store.pass(1_001)
    await store.ready()
    expect(store.probes()).toBe(2)
  })
})

describeStores("readiness", (pool) => {
  it("is a write that the store takes", async () => {
    expect(await watchCommits(pool(), () => 0).ready()).toBe(true)
  })
})

it.skipIf(inject("postgresUrl") === null)("a gateway with no connection left for commits is not ready", async () => {
  const { openPostgres } = await import("../../src/store/connection/postgres.ts")
  const url = new URL(inject("postgresUrl") ?? "")
  const admin = await openPostgres(url.href, () => {})
  await admin.query("create role starved login connection limit 1")
  url.username = "starved"
  const pool = await openPostgres(url.href, () => {})
  await pool.query("select 1")
  expect(await watchCommits(pool, () => 0).ready()).toBe(false)
  await pool.close()
  await admin.query("drop role starved")
  await admin.close()
})
