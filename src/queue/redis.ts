import { Cluster, Redis } from "ioredis"
import type { RedisLocation } from "../core/redis-url.ts"

/**
 * @param use a producer must fail at once while Redis is away, a consumer waits for it
 */
export function connectRedis(location: RedisLocation, use: "producer" | "consumer"): Redis | Cluster {
  const { username, password, db, tls, nodes } = location
  const common = {
    enableOfflineQueue: use === "consumer",
    maxRetriesPerRequest: use === "consumer" ? null : 1,
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(tls ? { tls: {} } : {}),
  }
  const retryStrategy = (times: number) => Math.min(times * 100, 2000)
  const single = { ...common, ...(db === undefined ? {} : { db }), retryStrategy }
  switch (location.kind) {
    case "single": {
      const [{ host, port } = { host: "localhost", port: 6379 }] = nodes
      return new Redis({ ...single, host, port })
    }
    case "sentinel":
      return new Redis({ ...single, sentinels: nodes, name: location.sentinelName ?? "" })
    case "cluster": {
      const { enableOfflineQueue, ...redisOptions } = common
      return new Cluster(nodes, { enableOfflineQueue, redisOptions, clusterRetryStrategy: retryStrategy })
    }
  }
}
