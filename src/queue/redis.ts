import { Cluster, type ClusterOptions, Redis } from "ioredis"
import type { RedisLocation } from "./redis-url.ts"

/** Redis answers within a millisecond. If an answer takes this long, it hangs, and the connection is replaced. */
const COMMAND_TIMEOUT_MS = 2_000
/** Longer than BullMQ's worker waits for a job (10 s) plus the second after which it treats its wait as stuck. */
const BLOCKING_TIMEOUT_MS = 15_000

/**
 * A master that was demoted keeps its connections and refuses writes; a blocking command that waited there is ended
 * with UNBLOCKED. A new connection reaches the new master. A script's error may only contain the code.
 */
const isDemoted = ({ message }: Error) => /\bREADONLY\b|^UNBLOCKED\b/.test(message)

/** @param use a producer fails at once while Redis is unreachable, and soon while it hangs; a consumer waits for it */
export function connectRedis(location: RedisLocation, use: "producer" | "consumer"): Redis | Cluster {
  const { username, password, db, tls, nodes } = location
  const common = {
    enableOfflineQueue: use === "consumer",
    maxRetriesPerRequest: use === "consumer" ? null : 1,
    socketTimeout: use === "consumer" ? BLOCKING_TIMEOUT_MS : COMMAND_TIMEOUT_MS,
    ...(use === "producer" ? { commandTimeout: COMMAND_TIMEOUT_MS } : {}),
    reconnectOnError: isDemoted,
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
        sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
        ...(sentinelUsername ? { sentinelUsername } : {}),
        ...(sentinelPassword ? { sentinelPassword } : {}),
        // Without these, ioredis sends everything, passwords included, unencrypted to the sentinels and the server.
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

/** A certificate is for the host's name, which the cluster client would otherwise replace with the address. */
const keepName: ClusterOptions["dnsLookup"] = (name, callback) => callback(null, name)
