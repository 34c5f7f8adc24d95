import { Redis } from "ioredis"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { type RedisServer, startRedis } from "../../bench/support/redis.ts"
import { redisWarnings } from "../../src/queue/redis-policy.ts"

describe.skipIf(inject("redisUrl") === null)("the settings of Redis", () => {
  let server: RedisServer
  let redis: Redis

  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
  })
  afterAll(async () => {
    redis?.disconnect()
    await server?.stop()
  })

  test("give no warning if nothing is evicted and everything is persisted", async () => {
    expect(await redisWarnings(redis)).toEqual([])
  })

  test("give warnings that say what to set instead", async () => {
    await redis.config("SET", "maxmemory-policy", "allkeys-lru")
    await redis.config("SET", "appendonly", "no")
    const warnings = await redisWarnings(redis)
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toContain("Redis has maxmemory-policy allkeys-lru")
    expect(warnings[0]).toContain("set maxmemory-policy noeviction")
    expect(warnings[1]).toContain("set appendonly yes")
  })
})
