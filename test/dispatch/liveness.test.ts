import { describe, expect, test } from "vitest"
import { createDeadDispatchers, createLiveness, GRACE_MS, LIVE_MS } from "../../src/dispatch/liveness.ts"

describe("a dispatcher", () => {
  test("is live for a moment after the store was asked, however late it answered, until its session is lost", () => {
    let nowMs = 1_000
    const liveness = createLiveness(() => nowMs)
    expect(liveness.isLive()).toBe(false)
    nowMs += 100
    liveness.confirmed(1_000)
    expect(liveness.isLive()).toBe(true)
    nowMs = 1_000 + LIVE_MS
    expect(liveness.isLive()).toBe(false)
    liveness.confirmed(nowMs)
    liveness.lost()
    expect(liveness.isLive()).toBe(false)
  })

  test("that was seen dead without interruption for longer than it can be live is dead", () => {
    let nowMs = 0
    const dead = createDeadDispatchers(() => nowMs)
    expect(dead.observe(["d1"])).toEqual([])
    nowMs = GRACE_MS - 1
    expect(dead.observe(["d1", "d2"])).toEqual([])
    nowMs = GRACE_MS
    expect(dead.observe(["d1", "d2"])).toEqual(["d1"])
    expect(dead.observe(["d1"])).toEqual(["d1"])
    expect(GRACE_MS).toBeGreaterThan(LIVE_MS)
  })

  test("that was seen alive in between is not dead", () => {
    let nowMs = 0
    const dead = createDeadDispatchers(() => nowMs)
    dead.observe(["d1"])
    nowMs = GRACE_MS
    dead.observe([])
    expect(dead.observe(["d1"])).toEqual([])
  })
})
