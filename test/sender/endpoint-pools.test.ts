import type { Dispatcher } from "undici"
import { expect, onTestFinished, test, vi } from "vitest"
import type { Connection } from "../../src/sender/endpoint-connections.ts"
import { createEndpointPools, type EndpointPool } from "../../src/sender/endpoint-pools.ts"
import { Attempt } from "../../src/sender/request-attempt.ts"

function setup(max: number) {
  let closed = 0
  const close = async () => void closed++
  const connection = (): Connection => ({ dispatch: () => true, close }) as unknown as Dispatcher
  const pools = createEndpointPools({ opener: () => connection, idleMs: 60_000, max })
  const running: Attempt[] = []
  function finish() {
    for (const attempt of running.splice(0)) attempt.finish({ kind: "fault", reason: "no" })
  }
  onTestFinished(async () => {
    finish()
    await pools.close()
  })
  const acquire = (id: string, nowMs: number, url = "https://example.com/") => pools.acquire(id, url, 2, nowMs)
  function occupy({ connections }: EndpointPool): void {
    const attempt = new Attempt(0, { firstByteMs: 60_000, totalMs: 60_000 }, () => {})
    connections.dispatch({ path: "/", method: "POST" }, attempt)
    running.push(attempt)
  }
  return { pools, acquire, occupy, finish, closed: () => closed }
}

test("keeps an endpoint's pool until its URL or concurrency changes", () => {
  const { pools, acquire } = setup(10)
  const first = acquire("ep_a", 0)
  expect(acquire("ep_a", 1)).toBe(first)
  const moved = acquire("ep_a", 2, "https://example.com/other?b=1")
  expect(moved).not.toBe(first)
  expect(moved.path).toBe("/other?b=1")
  expect(pools.acquire("ep_a", moved.url, 3, 3)).not.toBe(moved)
  expect(pools.count()).toBe(1)
})

test("creates a pool for each of two endpoints on one origin", () => {
  const { acquire } = setup(10)
  expect(acquire("ep_a", 0)).not.toBe(acquire("ep_b", 0))
})

test("closes a pool that was idle for a minute, and none with a request running", () => {
  const { pools, acquire, occupy } = setup(10)
  occupy(acquire("ep_busy", 0))
  acquire("ep_idle", 0)
  const recent = acquire("ep_recent", 1)
  pools.closeIdle(60_000)
  expect(pools.count()).toBe(2)
  expect(acquire("ep_recent", 2)).toBe(recent)
})

test("keeps no more pools than allowed, and closes the idle ones that were unused longest", () => {
  const { pools, acquire, occupy } = setup(3)
  const busy = acquire("ep_busy", 0)
  occupy(busy)
  acquire("ep_old", 1)
  const recent = acquire("ep_recent", 2)
  acquire("ep_new", 3)
  expect(pools.count()).toBe(3)
  expect(acquire("ep_busy", 4)).toBe(busy)
  expect(acquire("ep_recent", 5)).toBe(recent)
})

test("closes pools that were idle for a minute by itself, and stops checking once it is closed", async () => {
  vi.useFakeTimers({ now: 0 })
  onTestFinished(() => void vi.useRealTimers())
  const { pools, acquire } = setup(10)
  acquire("ep_a", 0)
  vi.advanceTimersByTime(50_000)
  acquire("ep_a", 50_000)
  vi.advanceTimersByTime(59_000)
  expect(pools.count()).toBe(1)
  vi.advanceTimersByTime(16_000)
  expect(pools.count()).toBe(0)
  await pools.close()
  expect(vi.getTimerCount()).toBe(0)
})

test("an endpoint whose URL changes evicts no other, and its old pool is closed when no request runs", async () => {
  const { acquire, occupy, finish, closed } = setup(2)
  const other = acquire("ep_b", 0)
  occupy(acquire("ep_a", 1))
  acquire("ep_a", 2, "https://example.com/other")
  expect(acquire("ep_b", 3)).toBe(other)
  expect(closed()).toBe(0)
  finish()
  await vi.waitUntil(() => closed() === 1)
})

test("is closed when every dispatched request has ended and every connection is closed", async () => {
  const { pools, acquire, occupy, finish, closed } = setup(2)
  occupy(acquire("ep_a", 0))
  const done = pools.close().then(() => closed())
  finish()
  expect(await done).toBe(1)
})
