import { setTimeout as delay } from "node:timers/promises"
import { createPostgresBackend, Queue, runMigrations, Worker, withBackend } from "bullmq"
import type { RedisLocation } from "../core/redis-url.ts"
import { connectRedis } from "./redis.ts"

const QUEUE = "wake"
const PREFIX = "{onehook}"
/** Longer than any handler takes; the handler only claims, it does not wait for requests. */
const LOCK_MS = 30_000
const CLOSE_WITHIN_MS = 2_000

/** Says that an endpoint has something due. It may be lost, doubled or late; the store knows what is due. */
export interface WakeQueue {
  ring(endpointIds: string[]): Promise<void>
  /** One ring at a time waits per endpoint; the latest replaces it. */
  ringLater(endpointId: string, delayMs: number): Promise<void>
  /** Can rings be made just now? */
  ready(): boolean
  work(handler: (endpointId: string) => Promise<void>, concurrency: number): { close(): Promise<void> }
  close(): Promise<void>
}

interface Wake {
  endpointId: string
}

const BULK_OPTIONS = { removeOnComplete: true, removeOnFail: 100 } as const
const WORKER_OPTIONS = { lockDuration: LOCK_MS, maxStalledCount: 20, removeOnComplete: { count: 0 } } as const

type AnyQueue = Pick<Queue<Wake>, "add" | "addBulk" | "close" | "on">
type AnyWorker = Pick<Worker<Wake>, "close" | "on">
type Processor = (job: { data: Wake }) => Promise<void>

function createWakeQueue(
  queue: AnyQueue,
  createWorker: (processor: Processor, concurrency: number) => AnyWorker,
  connections: { ready(): boolean; close(): Promise<void> },
  onError: (error: Error) => void,
): WakeQueue {
  queue.on("error", onError)
  return {
    ready: connections.ready,
    async ring(endpointIds) {
      await queue.addBulk(
        endpointIds.map((endpointId) => ({
          name: "wake",
          data: { endpointId },
          opts: { ...BULK_OPTIONS, deduplication: { id: endpointId, keepLastIfActive: true } },
        })),
      )
    },
    async ringLater(endpointId, delayMs) {
      // An id of its own: under the endpoint's, a waiting delayed wake would swallow immediate ones.
      const deduplication = { id: `${endpointId}-later`, replace: true }
      await queue.add("wake", { endpointId }, { ...BULK_OPTIONS, delay: Math.ceil(delayMs), deduplication })
    },
    work(handler, concurrency) {
      const worker = createWorker((job) => handler(job.data.endpointId), concurrency)
      worker.on("error", onError)
      // While Redis is away it would wait for ever; a wake that is given up here is made again by the sweeper.
      return { close: () => Promise.race([worker.close(), delay(CLOSE_WITHIN_MS, undefined, { ref: false })]) }
    },
    async close() {
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
    (processor, concurrency) =>
      new Postgres.Worker<Wake>(QUEUE, processor as never, {
        ...options,
        ...WORKER_OPTIONS,
        concurrency,
      }) as unknown as AnyWorker,
    { ready: () => true, close: async () => {} },
    onError,
  )
}

export async function openRedisWakeQueue(location: RedisLocation, onError: (error: Error) => void): Promise<WakeQueue> {
  // A producer must not wait for a Redis that is away: the sweeper makes up for what could not be rung.
  const producer = connectRedis(location, "producer")
  const consumer = connectRedis(location, "consumer")
  for (const connection of [producer, consumer]) connection.on("error", onError)
  return createWakeQueue(
    new Queue<Wake>(QUEUE, {
      connection: producer,
      prefix: PREFIX,
      skipMetasUpdate: true,
      // Both would ask Redis something at once, and give the queue up for good where it is still away.
      skipWaitingForReady: true,
      skipVersionCheck: true,
    }),
    (processor, concurrency) =>
      new Worker<Wake>(QUEUE, processor as never, {
        ...WORKER_OPTIONS,
        connection: consumer,
        prefix: PREFIX,
        concurrency,
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
