import { setTimeout as delay } from "node:timers/promises"
import type { Cluster, Redis } from "ioredis"

/** The keys of an installation in Redis. */
export interface RedisKeys {
  /** The beginning of every key. */
  prefix: string
  /** Names the installation: the same in all its processes, and in no other installation. */
  installation: string
}

/** BullMQ's keys, and those used with them, in one slot of a cluster. */
export const queuePrefix = ({ prefix }: RedisKeys) => `{${prefix}}`

/** How long a start waits for Redis, if it neither answers nor refuses the connection. */
const START_WAITS_MS = 2_000

/** A refused command or a lost connection says nothing about the prefix. */
class PrefixTaken extends Error {}

/**
 * Checks the prefix as soon as the connection is ready. Resolves at once if it cannot be ready now.
 *
 * @param onTaken called with the error if the prefix turns out to be taken later
 * @throws Error if it is taken
 */
export async function takePrefixWhenReady(
  redis: Redis | Cluster,
  keys: RedisKeys,
  onTaken: (error: Error) => void,
): Promise<void> {
  let isLate = false
  const taken = new Promise<void>((resolve, reject) => {
    redis.once("ready", () =>
      takePrefix(redis, keys).then(resolve, (error: Error) => {
        if (!(error instanceof PrefixTaken)) resolve()
        else if (isLate) onTaken(error)
        else reject(error)
      }),
    )
  })
  const unreachable = new Promise<void>((resolve) => redis.once("close", resolve))
  await Promise.race([taken, unreachable, delay(START_WAITS_MS, undefined, { ref: false })])
  isLate = true
}

/**
 * Records the installation beside its keys, or compares it with the recorded one.
 *
 * @throws Error that says what to do, if another installation uses the prefix: each would fetch the other's wake-ups
 */
async function takePrefix(redis: Redis | Cluster, keys: RedisKeys): Promise<void> {
  const key = `${queuePrefix(keys)}:installation`
  await redis.set(key, keys.installation, "NX")
  const recorded = await redis.get(key)
  if (recorded === null || recorded === keys.installation) return
  throw new PrefixTaken(
    `another installation uses the prefix ${keys.prefix} in this Redis: give each a REDIS_PREFIX of its own, ` +
      `or delete the key ${key} if the other one no longer exists`,
  )
}
