import { randomUUID } from "node:crypto"
import { Queue, Worker } from "bullmq"
import { Redis } from "ioredis"
import { describe, expect, inject, onTestFinished, test } from "vitest"
import { createWakeQueue } from "../../src/queue/wake-queue.ts"
import { until } from "../support/until.ts"

const url = inject("redisUrl")

/** The wake queue on a real Redis, under its own name, with access to its workers. */
function world() {
  const connection = new Redis(url ?? "", { maxRetriesPerRequest: null })
  const name = `wake-${randomUUID()}`
  const queue = new Queue<{ endpointIds: string[] }>(name, { connection })
  const workers: Worker[] = []
  const errors: Error[] = []
  const wakes = createWakeQueue(
    queue,
    (processor) => {
      const worker = new Worker(name, processor as never, { connection: connection.duplicate(), drainDelay: 1 })
      workers.push(worker)
      return worker
    },
    { ready: () => true, close: async () => connection.disconnect() },
    (error) => errors.push(error),
  )
  onTestFinished(async () => {
    await Promise.all(workers.map((worker) => worker.close(true)))
    await queue.obliterate({ force: true })
    await wakes.close()
  })
  return { connection, name, errors, wakes, workers }
}

/** The wake queue over a BullMQ queue that accepts or refuses jobs. */
function over(add: (endpointIds: string[]) => Promise<{ id: string }>) {
  const errors: Error[] = []
  const queue = {
    add: (_name: string, { endpointIds }: { endpointIds: string[] }) => add(endpointIds),
    on: () => {},
    close: async () => {},
  }
  const wakes = createWakeQueue(
    queue as never,
    () => ({}) as never,
    { ready: () => true, close: async () => {} },
    (error) => errors.push(error),
  )
  onTestFinished(wakes.close)
  return { errors, wakes }
}

/** The wake queue over a BullMQ queue that accepts everything and a worker that fetches what the test gives it. */
function overWorker() {
  let processor = async (_job: { data: { endpointIds: string[] } }) => {}
  const sent: unknown[][] = []
  const queue = {
    add: async (...job: unknown[]) => ({ id: String(sent.push(job)) }),
    on: () => {},
    close: async () => {},
  }
  const createWorker = (given: typeof processor) => {
    processor = given
    return { on: () => {}, close: async () => {} }
  }
  const connections = { ready: () => true, close: async () => {} }
  const wakes = createWakeQueue(queue as never, createWorker as never, connections, () => {})
  onTestFinished(wakes.close)
  return { sent, wakes, fetch: (job: Parameters<typeof processor>[0]) => processor(job) }
}

test("a queue that refused a wake-up is not ready until it accepts one, and tries by itself", async () => {
  const woken: string[][] = []
  let full = true
  const { errors, wakes } = over(async (endpointIds) => {
    if (full) throw new Error("OOM command not allowed")
    return { id: String(woken.push(endpointIds)) }
  })
  expect(wakes.ready()).toBe(true)
  await expect(wakes.wakeLater("ep_1", 1)).rejects.toThrow("OOM")
  await expect(wakes.wake(["ep_1"])).rejects.toThrow("OOM")
  expect(wakes.ready()).toBe(false)
  await until(() => errors.length === 2, "two tries by itself")
  full = false
  await until(wakes.ready, "a try that is accepted")
  expect(woken).toEqual([[]])
  expect(await wakes.wake(["ep_2"])).toBe(true)
})

test("a queue that accepts a wake-up between two refused ones makes one try by itself at a time", async () => {
  let tries = 0
  let full = true
  const { wakes } = over((endpointIds) => {
    if (endpointIds.length > 0) return full ? Promise.reject(new Error("OOM")) : Promise.resolve({ id: "1" })
    tries += 1
    return new Promise(() => {})
  })
  await expect(wakes.wake(["ep_1"])).rejects.toThrow("OOM")
  full = false
  await wakes.wake(["ep_1"])
  full = true
  await expect(wakes.wake(["ep_1"])).rejects.toThrow("OOM")
  await until(() => tries > 0, "a try by itself")
  expect(tries).toBe(1)
})

test("a queue whose worker left wake-ups waiting is not ready until it fetches one, which the queue sends", async () => {
  const { fetch, sent, wakes } = overWorker()
  const worker = wakes.work(() => {})
  worker.leftWaiting()
  expect(wakes.ready()).toBe(true)
  const isReady = () => {
    worker.leftWaiting()
    return wakes.ready()
  }
  await until(() => !isReady(), "two seconds without a wake-up")
  await until(() => sent.length === 1, "a wake-up sent by the queue itself")
  expect(sent[0]).toEqual(["wake", { endpointIds: [] }, expect.objectContaining({ deduplication: { id: "probe" } })])
  await fetch({ data: { endpointIds: [] } })
  expect(isReady()).toBe(true)
})

describe.skipIf(url === null)("a worker of the wake queue", () => {
  test("bullmq#4378: that has died without an error is replaced, and the new one fetches the waiting wake-ups", async () => {
    const { wakes, workers } = world()
    const woken: string[] = []
    const worker = wakes.work((endpointIds) => woken.push(...endpointIds))
    await wakes.wake(["ep_1"])
    await until(() => woken.length === 1, "the first wake-up")
    // Running, connected, and fetching nothing, as after a failover.
    await workers[0]?.pause(true)
    await until(() => workers[0]?.isRunning() === false, "the end of its last fetch")
    // The first wake-up may have been handled but not finished; until then, no other one is accepted.
    await until(() => wakes.wake(["ep_2"]), "the second wake-up")
    expect(worker.replaceIfSilent(60_000)).toBe(false)
    expect(worker.replaceIfSilent(0)).toBe(true)
    await until(() => woken.includes("ep_2"), "the waiting wake-up")
    expect(workers).toHaveLength(2)
    await worker.close()
  })

  test("that gets only errors pauses between a few tries, and fetches again when Redis works", async () => {
    const { connection, name, errors, wakes, workers } = world()
    const woken: string[] = []
    await connection.set(`bull:${name}:wait`, "not a list")
    const worker = wakes.work((endpointIds) => woken.push(...endpointIds))
    await until(() => workers.length === 3, "two pauses")
    expect(errors.length).toBeGreaterThanOrEqual(40)
    expect(errors.length).toBeLessThan(100)
    await connection.del(`bull:${name}:wait`)
    await wakes.wake(["ep_1"])
    await until(() => woken.includes("ep_1"), "the wake-up")
    await worker.close()
  })
})
