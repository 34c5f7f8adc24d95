import { randomUUID } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import { createPostgresBackend, type JobsOptions, Queue, runMigrations, Worker, withBackend } from "bullmq"
import { connectRedis } from "./redis.ts"
import { redisWarnings } from "./redis-policy.ts"
import type { RedisLocation } from "./redis-url.ts"

const QUEUE = "wake"
const PREFIX = "{onehook}"
/** Much longer than a handler takes: it only starts the work. */
const LOCK_MS = 30_000
const CLOSE_WITHIN_MS = 2_000
/**
 * After an error reply (OOM, WRONGTYPE, a full disk), BullMQ tries again at once, thousands of times a second. After
 * this many errors within the pause, the worker is stopped and started again after the pause.
 */
const MAX_ERRORS = 20
const PAUSE_MS = 1_000
/**
 * After this time, the process that took the last wake-up may have died, so the producer changes its deduplication id.
 */
const UNHANDLED_MS = 1_000
const PROBE_EVERY_MS = 1_000

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
   * Whether wake-ups can be sent now: false after a failure until one succeeds. Meanwhile the queue tries by itself.
   */
  ready(): boolean
  work(handler: (endpointIds: string[]) => void): WakeWorker
  close(): Promise<void>
}

interface WakeWorker {
  /**
   * To be called while wake-ups must be waiting. A worker can die without an error, for example after a failover
   * (bullmq#648, bullmq#4378), so one that has fetched nothing for `forMs` is replaced.
   *
   * @returns whether it was replaced
   */
  replaceIfSilent(forMs: number): boolean
  close(): Promise<void>
}

interface Wake {
  endpointIds: string[]
}

const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: 100 } as const
const WORKER_OPTIONS = {
  concurrency: 4,
  lockDuration: LOCK_MS,
  maxStalledCount: 20,
  removeOnComplete: { count: 0 },
} as const

type AnyQueue = Pick<Queue<Wake>, "add" | "close" | "on">
type AnyWorker = Pick<Worker<Wake>, "close" | "on">
type Processor = (job: { data: Wake }) => Promise<void>

export function createWakeQueue(
  queue: AnyQueue,
  createWorker: (processor: Processor) => AnyWorker,
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
    while (failing && !closed) {
      await delay(PROBE_EVERY_MS, undefined, { ref: false })
      if (failing && !closed) await wake([]).catch(onError)
    }
    recovering = false
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
    ready: () => !failing && connections.ready(),
    wake,
    async wakeLater(endpointId, delayMs) {
      const deduplication = { id: `later-${endpointId}`, replace: true }
      const options = { ...JOB_OPTIONS, delay: Math.ceil(delayMs), deduplication }
      await add({ endpointIds: [endpointId] }, options)
    },
    work(handler) {
      let fetchedAtMs = performance.now()
      let worker: AnyWorker | undefined
      let restart: NodeJS.Timeout | undefined
      const start = () => {
        let errors = 0
        let sinceMs = performance.now()
        const started = createWorker(async (job) => {
          fetchedAtMs = performance.now()
          handler(job.data.endpointIds)
        })
        started.on("error", (error) => {
          onError(error)
          if (performance.now() - sinceMs > PAUSE_MS) {
            errors = 0
            sinceMs = performance.now()
          }
          errors += 1
          if (started !== worker || errors < MAX_ERRORS) return
          void end()
          restart = setTimeout(start, PAUSE_MS)
        })
        worker = started
      }
      // While Redis is unreachable, closing would never end. The sweeper repeats a wake-up that is lost here.
      const end = async () => {
        clearTimeout(restart)
        const ended = worker?.close().catch(onError)
        worker = undefined
        await Promise.race([ended, delay(CLOSE_WITHIN_MS, undefined, { ref: false })])
      }
      start()
      return {
        replaceIfSilent(forMs) {
          if (performance.now() - fetchedAtMs < forMs) return false
          fetchedAtMs = performance.now()
          void end()
          start()
          return true
        },
        close: end,
      }
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

/** @param onWarning called once for each server setting that should be changed, with a sentence for the log */
export async function openRedisWakeQueue(
  location: RedisLocation,
  onError: (error: Error) => void,
  onWarning: (warning: string) => void,
): Promise<WakeQueue> {
  // A producer does not wait for an unreachable Redis: the sweeper wakes the endpoints instead.
  const producer = connectRedis(location, "producer")
  const consumer = connectRedis(location, "consumer")
  for (const connection of [producer, consumer]) connection.on("error", onError)
  producer.once("ready", () => void redisWarnings(producer).then((warnings) => warnings.forEach(onWarning)))
  return createWakeQueue(
    new Queue<Wake>(QUEUE, {
      connection: producer,
      prefix: PREFIX,
      skipMetasUpdate: true,
      // Both would query Redis at once, and make the queue fail for good if Redis is not reachable yet.
      skipWaitingForReady: true,
      skipVersionCheck: true,
    }),
    (processor) =>
      new Worker<Wake>(QUEUE, processor as never, {
        ...WORKER_OPTIONS,
        connection: consumer,
        prefix: PREFIX,
      }),
    {
      ready: () => producer.status === "ready",
      async close() {
        producer.disconnect()
        consumer.disconnect()
      },
    },
    onError,
  )
}
