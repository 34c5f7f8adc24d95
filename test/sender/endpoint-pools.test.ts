import type { Dispatcher } from "undici"
import { expect, onTestFinished, test } from "vitest"
import { Attempt } from "../../src/sender/attempt.ts"
import type { Connection } from "../../src/sender/endpoint-connections.ts"
import { createEndpointPools, type EndpointPool } from "../../src/sender/endpoint-pools.ts"

const connection = (): Connection => ({ dispatch: () => true, close: async () => {} }) as unknown as Dispatcher

function setup(max: number) {
  const pools = createEndpointPools({ opener: () => connection, idleMs: 60_000, max })
  const running: Attempt[] = []
  onTestFinished(async () => {
    for (const attempt of running) attempt.finish({ kind: "fault", reason: "the test ended" })
    await pools.close()
  })
  const acquire = (id: string, nowMs: number, url = "https://example.com/") => pools.acquire(id, url, 2, nowMs)
  function occupy({ connections }: EndpointPool): void {
    const attempt = new Attempt(0, { firstByteMs: 60_000, totalMs: 60_000 }, () => {})
    connections.dispatch({ path: "/", method: "POST" }, attempt)
    running.push(attempt)
  }
  return { pools, acquire, occupy }
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

test("gives two endpoints on one origin a pool each", () => {
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

test("holds no more pools than allowed, closing the longest unused that are idle", () => {
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
