import type { TestProject } from "vitest/node"
import { findPostgres, startPostgres } from "../../bench/support/postgres.ts"
import { findRedis, startRedis } from "../../bench/support/redis.ts"
import { makeStoreTemplate } from "./store-template.ts"

declare module "vitest" {
  export interface ProvidedContext {
    /** An administrator's URL of a real Postgres, or null if there is none. */
    postgresUrl: string | null
    redisUrl: string | null
    /** The directory of an embedded store, migrated and empty. */
    storeTemplate: string
  }
}

/**
 * Provides real servers to the suites that need them: those at TEST_DATABASE_URL and TEST_REDIS_URL, or private ones
 * started from binaries on the path. If there is none, these suites are skipped by name; in CI the run fails.
 */
export default async function setup(project: TestProject) {
  const stops: (() => Promise<void>)[] = []
  let postgresUrl = process.env.TEST_DATABASE_URL ?? null
  let redisUrl = process.env.TEST_REDIS_URL ?? null
  if (postgresUrl === null && findPostgres() !== null) {
    const server = await startPostgres()
    postgresUrl = server.url
    stops.push(server.stop)
  }
  if (redisUrl === null && findRedis() !== null) {
    const server = await startRedis()
    redisUrl = server.url
    stops.push(server.stop)
  }
  const missing = [postgresUrl === null && "Postgres", redisUrl === null && "Redis"].filter(Boolean)
  if (missing.length > 0) {
    const message = `no ${missing.join(" and no ")} found: suites that need it are skipped`
    if (process.env.CI) throw new Error(`${message}, which CI does not allow`)
    console.warn(message)
  }
  const template = await makeStoreTemplate()
  stops.push(async () => template.remove())
  project.provide("storeTemplate", template.path)
  project.provide("postgresUrl", postgresUrl)
  project.provide("redisUrl", redisUrl)
  return async () => {
    for (const stop of stops.reverse()) await stop()
  }
}
