import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, inject } from "vitest"
import { createDatabase, dropDatabase } from "../../bench/support/postgres.ts"
import { openPool } from "../../src/store/connection/open.ts"
import type { Pool } from "../../src/store/connection/pool.ts"
import { openEmbedded } from "./embedded-store.ts"
import { prepare } from "./store-template.ts"

/** Runs a suite on every engine: embedded, and on a real Postgres if there is one. */
export function describeStores(name: string, suite: (pool: () => Pool) => void) {
  describe(`${name}, embedded`, () => run(suite, openEmbedded))
  describePostgres(name, suite)
}

/** Runs a suite on Postgres only, for tests that need several connections at once. */
export function describePostgres(name: string, suite: (pool: () => Pool) => void) {
  const adminUrl = inject("postgresUrl")
  describe.skipIf(adminUrl === null)(`${name}, on Postgres`, () => {
    const database = `test_${randomUUID().replaceAll("-", "")}`
    afterAll(() => dropDatabase(adminUrl ?? "", database))
    run(suite, async () => {
      const url = await createDatabase(adminUrl ?? "", database)
      const pool = await openPool({ kind: "postgres", url }, () => {})
      await prepare(pool)
      return pool
    })
  })
}

function run(suite: (pool: () => Pool) => void, open: () => Promise<Pool>) {
  let pool: Pool
  beforeAll(async () => {
    pool = await open()
  })
  afterAll(() => pool?.close())
  suite(() => pool)
}
