import type { Cluster, Redis } from "ioredis"

const WANTED = [
  {
    setting: "maxmemory-policy",
    is: (value: string) => value === "noeviction",
    fix: "it may throw wakes away when its memory is full; set maxmemory-policy noeviction",
  },
  {
    setting: "appendonly",
    is: (value: string) => value === "yes",
    fix: "after a restart it has forgotten retries that were to be woken for; set appendonly yes",
  },
] as const

/** What about the server's settings costs time when it goes wrong (deliveries are never lost by it), and the fix. */
export async function redisWarnings(redis: Redis | Cluster): Promise<string[]> {
  const warnings: string[] = []
  for (const { setting, is, fix } of WANTED) {
    // Managed servers often refuse CONFIG; then there is nothing to say.
    const [, value] = ((await redis.config("GET", setting).catch(() => [])) as string[]) ?? []
    if (value !== undefined && !is(value)) warnings.push(`Redis has ${setting} ${value}: ${fix}`)
  }
  return warnings
}
