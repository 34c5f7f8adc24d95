import { randomUUID } from "node:crypto"
import { Queue, Worker } from "bullmq"
import { Redis } from "ioredis"
import { describe, expect, inject, onTestFinished, test } from "vitest"
import { createWakeQueue } from "../../src/queue/wake-queue.ts"
import { until } from "../support/until.ts"

const url = inject("redisUrl")

/** The wake queue on a real Redis, under a name of its own, and its workers to lay hands on. */
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

/** The wake queue over one that takes or refuses what it is given. */
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

test("a queue that refused a wake is not ready until it takes one, and tries by itself", async () => {
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
  await until(() => errors.length === 2, "two tries of its own")
  full = false
  await until(wakes.ready, "a try that is taken")
  expect(woken).toEqual([[]])
  expect(await wakes.wake(["ep_2"])).toBe(true)
})

test("a queue that takes a wake between two that it refuses has one try of its own at a time", async () => {
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
  await until(() => tries > 0, "a try of its own")
  expect(tries).toBe(1)
})

describe.skipIf(url === null)("a worker of the wake queue", () => {
  test("bullmq#4378: that is dead without a word is replaced, and the new one fetches what waits", async () => {
    const { wakes, workers } = world()
    const heard: string[] = []
    const worker = wakes.work((endpointIds) => heard.push(...endpointIds))
    await wakes.wake(["ep_1"])
    await until(() => heard.length === 1, "the first wake")
    // Alive, connected, and fetching nothing: what a failover left behind.
    await workers[0]?.pause(true)
    await until(() => workers[0]?.isRunning() === false, "the end of its last fetch")
    // The first wake may have been heard and not yet be finished; until it is, no other is made.
    await until(() => wakes.wake(["ep_2"]), "the second wake")
    expect(worker.replaceIfSilent(60_000)).toBe(false)
    expect(worker.replaceIfSilent(0)).toBe(true)
    await until(() => heard.includes("ep_2"), "the wake that waited")
    expect(workers).toHaveLength(2)
    await worker.close()
  })

  test("that gets nothing but errors rests between a few tries, and fetches again when Redis is mended", async () => {
    const { connection, name, errors, wakes, workers } = world()
    const heard: string[] = []
    await connection.set(`bull:${name}:wait`, "not a list")
    const worker = wakes.work((endpointIds) => heard.push(...endpointIds))
    await until(() => workers.length === 3, "two rests")
    expect(errors.length).toBeGreaterThanOrEqual(40)
    expect(errors.length).toBeLessThan(100)
    await connection.del(`bull:${name}:wait`)
    await wakes.wake(["ep_1"])
    await until(() => heard.includes("ep_1"), "the wake")
    await worker.close()
  })
})
