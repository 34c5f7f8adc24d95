import type { Dispatcher } from "undici"
import { afterEach, expect, onTestFinished, test, vi } from "vitest"
import { createEndpointConnections } from "../../src/sender/endpoint-connections.ts"
import { Attempt } from "../../src/sender/request-attempt.ts"
import { until } from "./receivers.ts"

const DEADLINES = { firstByteMs: 60_000, totalMs: 60_000 }
const DONE = { kind: "response", status: 200, retryAfterMs: null, excerpt: "" } as const

function setup(maxConcurrency: number, onOpen = () => {}) {
  const sent: string[] = []
  /** The connection's number, in order of opening. */
  const on: number[] = []
  let opened = 0
  let closed = 0
  const connections = createEndpointConnections(() => {
    opened += 1
    onOpen()
    const number = opened
    const dispatch = ({ path }: Dispatcher.DispatchOptions) => sent.push(path) === on.push(number)
    return { dispatch, close: async () => void closed++ } as unknown as Dispatcher
  }, maxConcurrency)
  function give(path: string): Attempt {
    const attempt = new Attempt(0, DEADLINES, () => {})
    connections.dispatch({ path, method: "POST" }, attempt)
    return attempt
  }
  return { connections, sent, on, give, opened: () => opened, closed: () => closed }
}

afterEach(() => {
  vi.useRealTimers()
})

test("never sends an attempt that ended while it waited for a connection", async () => {
  const { sent, give } = setup(1)
  const running = give("/1")
  const ended = [give("/2"), give("/2")]
  const waiting = give("/3")
  for (const attempt of ended) attempt.finish({ kind: "timeout", phase: "total" })
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

test("waits for a free connection, and opens another one for a request that has waited for 5 ms", async () => {
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

test("opens as many connections for waiting requests as the concurrency allows", () => {
  vi.useFakeTimers()
  const { sent, give, opened } = setup(3)
  for (const path of ["/1", "/2", "/3", "/4"]) give(path)
  vi.advanceTimersByTime(100)
  expect([sent, opened()]).toEqual([["/1", "/2", "/3"], 3])
  // Only the deadlines of the four requests; no timer polls for free connections.
  expect(vi.getTimerCount()).toBe(4)
})

test("opens no connection for a request that ended while it waited", () => {
  vi.useFakeTimers()
  const { sent, give, opened } = setup(2)
  give("/1")
  give("/2").finish({ kind: "timeout", phase: "total" })
  vi.advanceTimersByTime(100)
  expect([sent, opened()]).toEqual([["/1"], 1])
})

test("the connection used last takes the next request, and others stay idle", async () => {
  vi.useFakeTimers()
  const { on, give } = setup(2)
  const both = [give("/1"), give("/2")]
  await vi.advanceTimersByTimeAsync(10)
  for (const attempt of both) {
    attempt.finish(DONE)
    await vi.advanceTimersByTimeAsync(0)
  }
  give("/3")
  expect(on).toEqual([1, 2, 2])
})

test("closes no connection while another has a request running", async () => {
  vi.useFakeTimers()
  const { give, connections, closed } = setup(2)
  const both = [give("/1"), give("/2")]
  await vi.advanceTimersByTimeAsync(10)
  const done = connections.close()
  const closedAfterEach: number[] = []
  for (const attempt of both) {
    attempt.finish(DONE)
    await vi.advanceTimersByTimeAsync(0)
    closedAfterEach.push(closed())
  }
  await done
  expect(closedAfterEach).toEqual([0, 2])
})

test("closes only after every dispatched request has ended", async () => {
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

test("does not wait a negative time for a connection when opening the last one took long", async () => {
  const warnings: string[] = []
  const warn = ({ name }: Error) => void warnings.push(name)
  process.on("warning", warn)
  onTestFinished(() => void process.off("warning", warn))
  const { give, opened } = setup(3, () => blockFor(20))
  give("/1")
  give("/2")
  blockFor(3)
  give("/3")
  await until(() => opened() === 3)
  await new Promise(setImmediate)
  expect(warnings).toEqual([])
})

function blockFor(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
