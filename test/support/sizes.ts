import { randomUUID } from "node:crypto"
import { describe, inject } from "vitest"
import { createDatabase, dropDatabase } from "../../bench/support/postgres.ts"
import { ADMIN_KEY, APP_SECRET, type Instance, startProcess, tempDir, VERIFY_TOKEN } from "./onehook.ts"

const SECRETS = {
  ADMIN_KEY,
  META_APP_SECRET: APP_SECRET,
  META_VERIFY_TOKEN: VERIFY_TOKEN,
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString("base64")}`,
}

/** An installation of one size: where its data are, and how its processes are started on them. */
export interface Installation {
  env: Record<string, string>
  startAll(extra?: Record<string, string>): Promise<Instance>
  startRole(role: "gateway" | "dispatcher", extra?: Record<string, string>): Promise<Instance>
  remove(): Promise<void>
}

export interface Size {
  name: string
  /** The roles can be processes of their own. */
  apart: boolean
  /** Wakes go through Redis. */
  redis: boolean
  install(): Promise<Installation>
}

function installation(env: Record<string, string>, remove: () => Promise<void>): Installation {
  const instances: Instance[] = []
  const started = async (more: Record<string, string>) => {
    const instance = await startProcess({ ...SECRETS, ...env, ...more })
    instances.push(instance)
    return instance
  }
  return {
    env: { ...SECRETS, ...env },
    startAll: (extra = {}) => started(extra),
    // A dispatcher knows only by this that its gateways are on this machine alone, as its receivers are.
    startRole: (role, extra = {}) => started({ ROLE: role, PUBLIC_URL: "http://127.0.0.1:3000", ...extra }),
    async remove() {
      await Promise.all(instances.map((instance) => instance.kill("SIGKILL")))
      await remove()
    },
  }
}

/** Each Redis size has a database of its own on the shared server, so that a flush disturbs nobody. */
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

/**
 * The same suite on every size, or on those that `only` names; a size whose servers are missing is skipped by name.
 */
export function describeSizes(name: string, suite: (size: Size) => void, only: (size: Size) => boolean = () => true) {
  for (const { missing, ...size } of sizes().filter(only)) {
    describe.skipIf(missing)(`${name}, ${size.name}`, () => suite(size))
  }
}
