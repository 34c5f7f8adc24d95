/**
 * Connections of one process to Postgres: the most of each pool, and those of listeners and of the dispatcher's
 * session.
 */
export interface PoolSizes {
  general: number
  /** Webhooks. */
  commits: number
  /** Claims and results. */
  relaxed: number
  /** The wake queue, unless it is in Redis. */
  queue: number
  listeners: number
}

type Role = "all" | "gateway" | "dispatcher"

/** What is used under load, measured; more connections than that only wait for the same disk and processors. */
const USUAL: Record<Role, PoolSizes> = {
  all: { general: 8, commits: 2, relaxed: 6, queue: 10, listeners: 5 },
  gateway: { general: 8, commits: 2, relaxed: 2, queue: 3, listeners: 2 },
  dispatcher: { general: 6, commits: 1, relaxed: 6, queue: 10, listeners: 4 },
}
/** Below this, parts of one process wait for each other. */
const LEAST = { general: 2, commits: 1, relaxed: 1, queue: 3 }
const POOLS = ["general", "commits", "relaxed", "queue"] as const

export const sizeOf = (sizes: PoolSizes): number => Object.values(sizes).reduce((sum, size) => sum + size, 0)

/** The fewest connections that a process can run with. */
export function leastConnections(role: Role, withQueue: boolean): number {
  return sizeOf({ ...LEAST, queue: withQueue ? LEAST.queue : 0, listeners: USUAL[role].listeners })
}

/**
 * Divides the connections of a process among its pools, in the usual proportion. Those beyond the usual are for the
 * API.
 *
 * @param most at least `leastConnections`; without it, the usual number
 * @param withQueue is the wake queue in Postgres too?
 */
export function poolSizes(role: Role, withQueue: boolean, most?: number): PoolSizes {
  const usual = { ...USUAL[role], queue: withQueue ? USUAL[role].queue : 0 }
  if (most === undefined) return usual
  const sizes = { ...LEAST, queue: withQueue ? LEAST.queue : 0, listeners: usual.listeners }
  for (let left = most - sizeOf(sizes); left > 0; left--) {
    const [next] = POOLS.filter((pool) => sizes[pool] < usual[pool]).sort(
      (a, b) => sizes[a] / usual[a] - sizes[b] / usual[b],
    )
    sizes[next ?? "general"] += 1
  }
  return sizes
}
