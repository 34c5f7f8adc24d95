import type { Cluster, Redis } from "ioredis"

const WANTED = [
  {
    setting: "maxmemory-policy",
    is: (value: string) => value === "noeviction",
    fix: "Redis may evict wake-ups when its memory is full; set maxmemory-policy noeviction",
  },
  {
    setting: "appendonly",
    is: (value: string) => value === "yes",
    fix: "after a restart of Redis, the wake-ups for scheduled retries are missing; set appendonly yes",
  },
] as const

/** Warnings about server settings that can delay deliveries (never lose them), each with the fix. */
export async function redisWarnings(redis: Redis | Cluster): Promise<string[]> {
  const warnings: string[] = []
  for (const { setting, is, fix } of WANTED) {
    // Managed servers often refuse CONFIG; then nothing is known, and there is no warning.
    const [, value] = ((await redis.config("GET", setting).catch(() => [])) as string[]) ?? []
    if (value !== undefined && !is(value)) warnings.push(`Redis has ${setting} ${value}: ${fix}`)
  }
  return warnings
}
