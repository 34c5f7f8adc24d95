import { randomUUID } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import { createPostgresBackend, type JobsOptions, Queue, runMigrations, Worker, withBackend } from "bullmq"
import { connectRedis } from "./redis.ts"
import { redisWarnings } from "./redis-policy.ts"
import { queuePrefix, type RedisKeys, takePrefixWhenReady } from "./redis-prefix.ts"
import type { RedisLocation } from "./redis-url.ts"
import { type AnyWorker, type CreateWorker, startWakeWorker, type Wake, type WakeWorker } from "./wake-worker.ts"

const QUEUE = "wake"
/** Much longer than a handler takes: it only starts the work. */
const LOCK_MS = 30_000
const CLOSE_WITHIN_MS = 2_000
/**
 * After this time, the process that took the last wake-up may have died, so the producer changes its deduplication id.
 */
const UNHANDLED_MS = 1_000
const PROBE_EVERY_MS = 1_000
/** A worker that fetches not even the probes for so long is dead. */
const REPLACE_AFTER_MS = 30_000

/** Signals that endpoints have due deliveries. A wake-up may be lost, doubled or late: the store knows what is due. */
export interface WakeQueue {
  /**
   * At most one wake-up of a producer is waiting or being handled at a time.
   *
   * @returns false if the previous one still is; the endpoints were then not woken
   */
  wake(endpointIds: string[]): Promise<boolean>
  /** Schedules a wake-up. It replaces the one that is already scheduled for the endpoint. */
  wakeLater(endpointId: string, delayMs: number): Promise<void>
  /**
   * Whether wake-ups are sent and, if this process has a worker, fetched: false after a failure until one succeeds.
   * Meanwhile the queue tries by itself.
   */
  ready(): boolean
  work(handler: (endpointIds: string[]) => void): WakeWorker
  close(): Promise<void>
}

const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: 100 } as const
const WORKER_OPTIONS = {
  concurrency: 4,
  lockDuration: LOCK_MS,
  maxStalledCount: 20,
  removeOnComplete: { count: 0 },
} as const

type AnyQueue = Pick<Queue<Wake>, "add" | "close" | "on">

export function createWakeQueue(
  queue: AnyQueue,
  createWorker: CreateWorker,
  connections: { ready(): boolean; close(): Promise<void> },
  onError: (error: Error) => void,
): WakeQueue {
  queue.on("error", onError)
  let producer = randomUUID()
  let lastId: string | undefined
  let acceptedAtMs = 0
  let failing = false
  let recovering = false
  let closed = false
  let worker: WakeWorker | undefined

  const ready = () => !failing && (worker?.fetches() ?? true)

  async function add(wake: Wake, options: JobsOptions) {
    try {
      const job = await queue.add("wake", wake, options)
      failing = false
      return job
    } catch (error) {
      failing = true
      void recover()
      throw error
    }
  }

  async function recover() {
    if (recovering) return
    recovering = true
    while (!ready() && !closed) {
      await delay(PROBE_EVERY_MS, undefined, { ref: false })
      if (!ready() && !closed) await probe()
    }
    recovering = false
  }

  /** Sends a wake-up for no endpoint; at most one of all processes waits to be fetched. */
  async function probe() {
    await add({ endpointIds: [] }, { ...JOB_OPTIONS, deduplication: { id: "probe" } }).catch(onError)
    if (!failing && worker?.replaceIfSilent(REPLACE_AFTER_MS))
      onError(new Error("the worker of the wake queue fetched nothing for 30 s, so it was replaced"))
  }

  async function wake(endpointIds: string[]) {
    // For a duplicate, BullMQ returns the job that already exists.
    const { id } = await add({ endpointIds }, { ...JOB_OPTIONS, deduplication: { id: producer } })
    const isNew = id !== lastId
    lastId = id
    if (isNew) acceptedAtMs = performance.now()
    else if (performance.now() - acceptedAtMs > UNHANDLED_MS) producer = randomUUID()
    return isNew
  }

  return {
    ready: () => ready() && connections.ready(),
    wake,
    async wakeLater(endpointId, delayMs) {
      const deduplication = { id: `later-${endpointId}`, replace: true }
      const options = { ...JOB_OPTIONS, delay: Math.ceil(delayMs), deduplication }
      await add({ endpointIds: [endpointId] }, options)
    },
    work(handler) {
      worker = startWakeWorker({ createWorker, handler, onError, onSilent: () => void recover() })
      return worker
    },
    async close() {
      closed = true
      await Promise.race([queue.close(), delay(CLOSE_WITHIN_MS, undefined, { ref: false })])
      await connections.close()
    },
  }
}

/** @param pool a `pg.Pool` whose search path is `bullmq`, or the same interface over the embedded store */
export async function openPostgresWakeQueue(pool: unknown, onError: (error: Error) => void): Promise<WakeQueue> {
  const connection = pool as Parameters<typeof runMigrations>[0] & { connect(): Promise<never> }
  const client: Parameters<typeof runMigrations>[0] & { release(): void } = await connection.connect()
  try {
    await runMigrations(client)
  } finally {
    client.release()
  }
  const Postgres = withBackend(createPostgresBackend)
  const options = { connection: connection as never }
  return createWakeQueue(
    new Postgres.Queue<Wake>(QUEUE, options) as unknown as AnyQueue,
    (processor) =>
      new Postgres.Worker<Wake>(QUEUE, processor as never, {
        ...options,
        ...WORKER_OPTIONS,
      }) as unknown as AnyWorker,
    { ready: () => true, close: async () => {} },
    onError,
  )
}

/**
 * @param onWarning called once for each server setting that should be changed, with a sentence for the log
 * @throws Error if another installation uses the prefix. If Redis can be asked only later, wakes then end, and the
 * sweeper replaces them.
 */
export async function openRedisWakeQueue(
  location: RedisLocation,
  keys: RedisKeys,
  onError: (error: Error) => void,
  onWarning: (warning: string) => void,
): Promise<WakeQueue> {
  // A producer does not wait for an unreachable Redis: the sweeper wakes the endpoints instead.
  const producer = connectRedis(location, "producer")
  const consumer = connectRedis(location, "consumer")
  const disconnect = () => {
    producer.disconnect()
    consumer.disconnect()
  }
  for (const connection of [producer, consumer]) connection.on("error", onError)
  producer.once("ready", () => void redisWarnings(producer).then((warnings) => warnings.forEach(onWarning)))
  await takePrefixWhenReady(producer, keys, (error) => {
    disconnect()
    onError(error)
  }).catch((error) => {
    disconnect()
    throw error
  })
  return createWakeQueue(
    new Queue<Wake>(QUEUE, {
      connection: producer,
      prefix: queuePrefix(keys),
      skipMetasUpdate: true,
      // Both would query Redis at once, and make the queue fail for good if Redis is not reachable yet.
      skipWaitingForReady: true,
      skipVersionCheck: true,
    }),
    (processor) =>
      new Worker<Wake>(QUEUE, processor as never, {
        ...WORKER_OPTIONS,
        connection: consumer,
        prefix: queuePrefix(keys),
      }),
    {
      ready: () => producer.status === "ready",
      close: async () => disconnect(),
    },
    onError,
  )
}
