import { randomUUID } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import { createPostgresBackend, type JobsOptions, Queue, runMigrations, Worker, withBackend } from "bullmq"
import { connectRedis } from "./redis.ts"
import { redisWarnings } from "./redis-policy.ts"
import type { RedisLocation } from "./redis-url.ts"

const QUEUE = "wake"
const PREFIX = "{onehook}"
/** Much longer than a handler takes: it only starts what follows. */
const LOCK_MS = 30_000
const CLOSE_WITHIN_MS = 2_000
/**
 * After an error that is an answer (OOM, WRONGTYPE, a full disk) BullMQ asks again at once, thousands of times a
 * second.
 */
const ERRORS_AT_MOST = 20
const REST_MS = 1_000
/** Whoever took the last wake may have died with it; the next one goes under another name. */
const UNHEARD_MS = 1_000
const PROBE_EVERY_MS = 1_000

/** Says that endpoints have something due. A wake may be lost, doubled or late; the store knows what is due. */
export interface WakeQueue {
  /**
   * One wake of a producer waits or is handled at a time.
   *
   * @returns false while the last one still is: the endpoints have not been woken
   */
  wake(endpointIds: string[]): Promise<boolean>
  /** One later wake waits per endpoint; the latest replaces it. */
  wakeLater(endpointId: string, delayMs: number): Promise<void>
  /**
   * Can wakes be made just now? Not from one that failed until one is taken; while nobody wakes, it tries by itself.
   */
  ready(): boolean
  work(handler: (endpointIds: string[]) => void): WakeWorker
  close(): Promise<void>
}

interface WakeWorker {
  /**
   * To be asked while wakes must be waiting. A worker can be dead without a word, for example after a failover
   * (bullmq#648, bullmq#4378): one that has fetched nothing for so long is replaced.
   *
   * @returns whether it was
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
  let heardAtMs = 0
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
    // BullMQ answers with the job that is there already when this one is a duplicate.
    const { id } = await add({ endpointIds }, { ...JOB_OPTIONS, deduplication: { id: producer } })
    const isNew = id !== lastId
    lastId = id
    if (isNew) heardAtMs = performance.now()
    else if (performance.now() - heardAtMs > UNHEARD_MS) producer = randomUUID()
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
      let resting: NodeJS.Timeout | undefined
      const start = () => {
        let errors = 0
        let sinceMs = performance.now()
        const started = createWorker(async (job) => {
          fetchedAtMs = performance.now()
          handler(job.data.endpointIds)
        })
        started.on("error", (error) => {
          onError(error)
          if (performance.now() - sinceMs > REST_MS) {
            errors = 0
            sinceMs = performance.now()
          }
          errors += 1
          if (started !== worker || errors < ERRORS_AT_MOST) return
          void end()
          resting = setTimeout(start, REST_MS)
        })
        worker = started
      }
      // While Redis is away it would wait for ever; a wake that is given up here is made again by the sweeper.
      const end = async () => {
        clearTimeout(resting)
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

/** @param pool a `pg.Pool` whose search path is `bullmq`, or its shape over the embedded store */
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

/** @param onWarning told once, in a sentence, what about the server's settings should be changed */
export async function openRedisWakeQueue(
  location: RedisLocation,
  onError: (error: Error) => void,
  onWarning: (warning: string) => void,
): Promise<WakeQueue> {
  // A producer must not wait for a Redis that is away: the sweeper makes up for what could not be woken.
  const producer = connectRedis(location, "producer")
  const consumer = connectRedis(location, "consumer")
  for (const connection of [producer, consumer]) connection.on("error", onError)
  producer.once("ready", () => void redisWarnings(producer).then((warnings) => warnings.forEach(onWarning)))
  return createWakeQueue(
    new Queue<Wake>(QUEUE, {
      connection: producer,
      prefix: PREFIX,
      skipMetasUpdate: true,
      // Both would ask Redis something at once, and give the queue up for good where it is still away.
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
