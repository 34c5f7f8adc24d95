import { setTimeout as delay } from "node:timers/promises"
import { Redis } from "ioredis"
import type { RedisServer } from "../../../bench/support/redis.ts"
import { startProxy } from "../../support/proxy.ts"
import type { Fault } from "../fault.ts"
import { startSentinels } from "../sentinels.ts"
import { underLoad } from "../under-load.ts"

const AWAY_MS = 3_000
/** Debian's default configuration of Redis: snapshots, no append-only file. */
const RDB = { appendonly: "no", save: "60 1000" }
const FLUSHES = 5
const ROUND_TRIP_MS = 200

const killed = (redis: RedisServer) => redis.restart(() => delay(AWAY_MS), "SIGKILL")

export const crashes: Fault[] = [
  {
    name: "gateway-killed",
    title: "kill -9 of the gateway",
    run: async (lab) =>
      underLoad(lab, await lab.install(), async ({ gateway, restartGateway }) => {
        await gateway.kill("SIGKILL")
        await restartGateway()
      }),
  },
  {
    name: "dispatcher-killed",
    title: "kill -9 of the dispatcher",
    run: async (lab) =>
      underLoad(lab, await lab.install(), async ({ dispatcher, restartDispatcher }) => {
        await dispatcher.kill("SIGKILL")
        await restartDispatcher()
      }),
  },
  {
    name: "redis-killed-rdb",
    title: "kill -9 of Redis, snapshots only",
    async run(lab) {
      const redis = await lab.redis(RDB)
      return underLoad(lab, await lab.install({ REDIS_URL: redis.url }), () => killed(redis))
    },
  },
  {
    name: "redis-killed-aof",
    title: "kill -9 of Redis, append-only file",
    async run(lab) {
      const redis = await lab.redis()
      return underLoad(lab, await lab.install({ REDIS_URL: redis.url }), () => killed(redis))
    },
  },
  {
    name: "redis-flushed",
    title: "FLUSHALL, five times",
    async run(lab) {
      const redis = await lab.redis()
      const client = new Redis(redis.url)
      lab.closers.add(() => client.disconnect())
      return underLoad(lab, await lab.install({ REDIS_URL: redis.url }), async () => {
        for (let flush = 0; flush < FLUSHES; flush++) {
          await client.flushall()
          await delay(500)
        }
      })
    },
  },
  {
    name: "sentinel-failover",
    title: "Sentinel failover after kill -9 of the master",
    async run(lab) {
      const { url, failOver } = await startSentinels(lab)
      return underLoad(lab, await lab.install({ REDIS_URL: url }), failOver)
    },
  },
  {
    name: "postgres-restarted",
    title: "Postgres restart, unavailable for 3 s",
    run: async (lab) =>
      underLoad(lab, await lab.install(), () => lab.postgres.restart(() => delay(AWAY_MS).then(() => {}))),
  },
  {
    name: "redis-slow",
    title: "Redis with 200 ms latency",
    async run(lab) {
      const redis = await lab.redis()
      const proxy = await startProxy(redis.url, ROUND_TRIP_MS)
      lab.closers.add(proxy.close)
      return underLoad(lab, await lab.install({ REDIS_URL: proxy.url }), () => delay(AWAY_MS))
    },
  },
]
