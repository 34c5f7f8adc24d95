import { Cluster, type ClusterOptions, Redis } from "ioredis"
import type { RedisLocation } from "./redis-url.ts"

/** Redis answers in a millisecond. One that keeps a caller waiting for so long hangs, and is connected to anew. */
const ANSWERS_WITHIN_MS = 2_000
/** Longer than the worker of BullMQ waits for a job, 10 s, and until it calls its own wait stuck, 1 s more. */
const BLOCKS_WITHIN_MS = 15_000

/**
 * @param use a producer must fail at once while Redis is away, and soon while it hangs; a consumer waits for it
 */
export function connectRedis(location: RedisLocation, use: "producer" | "consumer"): Redis | Cluster {
  const { username, password, db, tls, nodes } = location
  const common = {
    enableOfflineQueue: use === "consumer",
    maxRetriesPerRequest: use === "consumer" ? null : 1,
    socketTimeout: use === "consumer" ? BLOCKS_WITHIN_MS : ANSWERS_WITHIN_MS,
    ...(use === "producer" ? { commandTimeout: ANSWERS_WITHIN_MS } : {}),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(tls ? { tls: {} } : {}),
  }
  const retryStrategy = (times: number) => Math.min(times * 100, 2000)
  const single = { ...common, ...(db === undefined ? {} : { db }), retryStrategy }
  const { sentinelUsername, sentinelPassword } = location
  switch (location.kind) {
    case "single": {
      const [{ host, port } = { host: "localhost", port: 6379 }] = nodes
      return new Redis({ ...single, host, port })
    }
    case "sentinel":
      return new Redis({
        ...single,
        sentinels: nodes,
        name: location.sentinelName ?? "",
        sentinelCommandTimeout: ANSWERS_WITHIN_MS,
        ...(sentinelUsername ? { sentinelUsername } : {}),
        ...(sentinelPassword ? { sentinelPassword } : {}),
        // Without these it would speak to them, and to the server that they name, in clear, password and all.
        ...(tls ? { sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
      })
    case "cluster": {
      const { enableOfflineQueue, ...redisOptions } = common
      return new Cluster(nodes, {
        enableOfflineQueue,
        redisOptions,
        clusterRetryStrategy: retryStrategy,
        ...(tls ? { dnsLookup: keepName } : {}),
      })
    }
  }
}

/** A certificate is for the name, which the cluster's client would otherwise replace by the address. */
const keepName: ClusterOptions["dnsLookup"] = (name, callback) => callback(null, name)
