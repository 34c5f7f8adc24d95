import type { Dispatcher } from "undici"
import { afterEach, expect, test, vi } from "vitest"
import { Attempt } from "../../src/sender/attempt.ts"
import { createEndpointConnections } from "../../src/sender/endpoint-connections.ts"
import { until } from "./receivers.ts"

const DEADLINES = { firstByteMs: 60_000, totalMs: 60_000 }
/** The turns of the loop stay real. */
const CLOCK = { toFake: ["setTimeout" as const, "performance" as const] }

async function pass(ms: number) {
  await vi.advanceTimersByTimeAsync(ms)
  for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

const DONE = { kind: "response", status: 200, retryAfterMs: null, excerpt: "" } as const

function setup(maxConcurrency: number) {
  const sent: string[] = []
  let opened = 0
  let closed = 0
  const connections = createEndpointConnections(() => {
    opened += 1
    const dispatch = ({ path }: Dispatcher.DispatchOptions) => sent.push(path) > 0
    return { dispatch, close: async () => void closed++ } as unknown as Dispatcher
  }, maxConcurrency)
  function give(path: string): Attempt {
    const attempt = new Attempt(0, DEADLINES, () => {})
    connections.dispatch({ path, method: "POST" }, attempt)
    return attempt
  }
  return { connections, sent, give, opened: () => opened, closed: () => closed }
}

afterEach(() => {
  vi.useRealTimers()
})

test("never sends an attempt that ended while it waited for a connection", async () => {
  const { sent, give } = setup(1)
  const running = give("/1")
  const ended = give("/2")
  const waiting = give("/3")
  ended.finish({ kind: "timeout", phase: "total" })
  running.finish(DONE)
  await until(() => sent.length === 2)
  waiting.finish(DONE)
  expect(sent).toEqual(["/1", "/3"])
})

test("opens no second connection for a request that follows another", async () => {
  const { sent, give, connections, closed } = setup(8)
  for (let i = 0; i < 5; i++) {
    give("/").finish(DONE)
    await until(connections.isIdle)
  }
  await connections.close()
  expect(sent).toHaveLength(5)
  expect(closed()).toBe(1)
})

test("waits for a connection that comes free, and opens another for a request that has waited for 5 ms", async () => {
  vi.useFakeTimers(CLOCK)
  const { sent, give, opened } = setup(3)
  const first = give("/1")
  give("/2")
  await pass(3)
  give("/3")
  first.finish(DONE)
  await pass(4)
  expect([sent, opened()]).toEqual([["/1", "/2"], 1])
  await pass(1)
  expect([sent, opened()]).toEqual([["/1", "/2", "/3"], 2])
})

test("opens no other where the loop was held up, and the answer that frees the connection has come meanwhile", async () => {
  const { sent, give, opened, connections } = setup(2)
  const running = give("/1")
  const waiting = give("/2")
  // As an answer that is read from a socket: after the timers that are due, and a turn later than those of others.
  setTimeout(() => setImmediate(() => setImmediate(() => running.finish(DONE))))
  const heldUpUntil = performance.now() + 20
  while (performance.now() < heldUpUntil);
  await until(() => sent.length === 2)
  expect(opened()).toBe(1)
  waiting.finish(DONE)
  await connections.close()
})

test("opens for those who wait as many as the concurrency allows", async () => {
  vi.useFakeTimers(CLOCK)
  const { sent, give, opened } = setup(3)
  for (const path of ["/1", "/2", "/3", "/4"]) give(path)
  await pass(100)
  expect([sent, opened()]).toEqual([["/1", "/2", "/3"], 3])
})

test("closes only after every request given has been sent and has ended", async () => {
  const { sent, give, connections, closed } = setup(1)
  const running = give("/1")
  const waiting = give("/2")
  const done = connections.close()
  running.finish(DONE)
  await until(() => sent.length === 2)
  expect(closed()).toBe(0)
  waiting.finish(DONE)
  await done
  expect(closed()).toBe(1)
})
