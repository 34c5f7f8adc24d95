import type { Dispatcher } from "undici"
import { afterEach, expect, test, vi } from "vitest"
import { Attempt } from "../../src/sender/attempt.ts"
import { createEndpointConnections } from "../../src/sender/endpoint-connections.ts"
import { until } from "./receivers.ts"

const DEADLINES = { firstByteMs: 60_000, totalMs: 60_000 }
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
  vi.useFakeTimers()
  const { sent, give, opened } = setup(3)
  const first = give("/1")
  give("/2")
  vi.advanceTimersByTime(3)
  give("/3")
  first.finish(DONE)
  await vi.advanceTimersByTimeAsync(4)
  expect([sent, opened()]).toEqual([["/1", "/2"], 1])
  vi.advanceTimersByTime(1)
  expect([sent, opened()]).toEqual([["/1", "/2", "/3"], 2])
})

test("opens for those who wait as many as the concurrency allows", () => {
  vi.useFakeTimers()
  const { sent, give, opened } = setup(3)
  for (const path of ["/1", "/2", "/3", "/4"]) give(path)
  vi.advanceTimersByTime(100)
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
