import { randomUUID } from "node:crypto"
import { describe, inject } from "vitest"
import { createDatabase, dropDatabase } from "../../bench/support/postgres.ts"
import { copyStoreInto } from "./embedded-store.ts"
import { type Installation, installation } from "./installation.ts"
import { tempDir } from "./onehook.ts"

export type { Installation }

export interface Size {
  name: string
  /** Gateway and dispatcher can run as separate processes. */
  apart: boolean
  /** Wakes go through Redis. */
  redis: boolean
  install(): Promise<Installation>
}

/** Each worker uses its own database of the shared Redis, so that a flush affects no other test. */
const redisDatabase = Number(process.env.VITEST_POOL_ID ?? 1) % 15

function sizes(): (Size & { missing: boolean })[] {
  const adminUrl = inject("postgresUrl")
  const redisUrl = inject("redisUrl")
  const onPostgres = async (more: Record<string, string>) => {
    const name = `e2e_${randomUUID().replaceAll("-", "")}`
    const url = await createDatabase(adminUrl ?? "", name)
    return installation({ DATABASE_URL: url, ...more }, () => dropDatabase(adminUrl ?? "", name))
  }
  return [
    {
      name: "embedded",
      apart: false,
      redis: false,
      missing: false,
      async install() {
        const { path, remove } = tempDir()
        copyStoreInto(path)
        return installation({ DATA_DIR: path }, async () => remove())
      },
    },
    { name: "Postgres", apart: true, redis: false, missing: adminUrl === null, install: () => onPostgres({}) },
    {
      name: "Postgres and Redis",
      apart: true,
      redis: true,
      missing: adminUrl === null || redisUrl === null,
      install: () => onPostgres({ REDIS_URL: `${redisUrl}/${redisDatabase}` }),
    },
  ]
}

/** Runs a suite on every size that `only` accepts. A size whose servers are missing is skipped by name. */
export function describeSizes(name: string, suite: (size: Size) => void, only: (size: Size) => boolean = () => true) {
  for (const { missing, ...size } of sizes().filter(only)) {
    describe.skipIf(missing)(`${name}, ${size.name}`, () => suite(size))
  }
}
