import { createHash } from "node:crypto"
import type { RedisKeys } from "../queue/redis-prefix.ts"

const PREFIX_DIGITS = 12

/** @param prefix from the configuration; without it, it is derived from the installation's own key */
export function redisKeys(instanceKey: Uint8Array, prefix: string | undefined): RedisKeys {
  const installation = createHash("sha256").update("redis").update(instanceKey).digest("hex")
  return { prefix: prefix ?? `onehook:${installation.slice(0, PREFIX_DIGITS)}`, installation }
}
