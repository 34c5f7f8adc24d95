import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { startReplays } from "../../src/dispatch/replay.ts"
import { oldestDueSeconds, startSweep } from "../../src/dispatch/sweep.ts"
import { startLoop } from "../../src/scheduling/loop.ts"

const SECOND = 1_000

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe("a loop", () => {
  test("runs after a pause, and again a pause after each run, whether it failed or not", async () => {
    const began: number[] = []
    const errors: unknown[] = []
    const work = async () => {
      began.push(Date.now())
      await new Promise((resolve) => setTimeout(resolve, 5 * SECOND))
      if (began.length === 1) throw new Error("no")
    }
    const loop = startLoop(work, SECOND, (error) => errors.push(error))
    await vi.advanceTimersByTimeAsync(7 * SECOND)
    expect(began).toEqual([SECOND, 7 * SECOND])
    expect(errors).toEqual([new Error("no")])
    const stopped = loop.stop()
    await vi.runAllTimersAsync()
    await stopped
  })

  test("stops when the current run has ended, and does not run again", async () => {
    const log: string[] = []
    const work = async () => {
      log.push("begins")
      await new Promise((resolve) => setTimeout(resolve, 5 * SECOND))
      log.push("ends")
    }
    const loop = startLoop(work, SECOND, () => {})
    await vi.advanceTimersByTimeAsync(SECOND)
    const stopped = loop.stop().then(() => log.push("stopped"))
    await vi.runAllTimersAsync()
    await stopped
    expect(log).toEqual(["begins", "ends", "stopped"])
  })

  test("that is stopped during its pause does not run", async () => {
    let runs = 0
    const loop = startLoop(
      async () => void runs++,
      SECOND,
      () => {},
    )
    await loop.stop()
    await vi.runAllTimersAsync()
    expect(runs).toBe(0)
  })
})

describe("a sweep", () => {
  async function sweep(overdue: { endpointId: string; overdueMs: number; leased: boolean }[]) {
    const log: unknown[] = []
    const { stop } = startSweep({
      overdue: async () => overdue,
      wake: (endpointIds) => log.push(["wake", ...endpointIds]),
      onOldestDue: (seconds) => log.push(seconds),
      onStuck: () => log.push("stuck"),
      onError: (error) => log.push(error),
      everyMs: SECOND,
    })
    await vi.advanceTimersByTimeAsync(SECOND)
    await stop()
    return log
  }
  const due = (endpointId: string, overdueMs: number, leased = false) => ({ endpointId, overdueMs, leased })

  test("wakes endpoints with due deliveries and no lease, and reports how long the oldest is due", async () => {
    expect(await sweep([due("ep_a", 100), due("ep_b", 60_000, true), due("ep_c", 5_000)])).toEqual([
      60,
      ["wake", "ep_a", "ep_c"],
    ])
  })

  test("reports a delivery that nobody took up for five seconds although its endpoint was woken", async () => {
    expect(await sweep([due("ep_a", 5_001)])).toEqual([5.001, ["wake", "ep_a"], "stuck"])
  })

  test("reports zero if nothing is overdue", () => {
    expect(oldestDueSeconds([])).toBe(0)
    expect(oldestDueSeconds([{ overdueMs: -3 }])).toBe(0)
  })
})

describe("replays", () => {
  type Step = "none" | "later" | { endpointId: string; made: number }

  function replays(steps: Step[]) {
    const log: [number, string][] = []
    const running = startReplays({
      step: async () => {
        log.push([Date.now(), "step"])
        return steps.shift() ?? "none"
      },
      wake: (endpointIds) => log.push([Date.now(), `wake ${[...endpointIds]}`]),
      onError: () => {},
      everyMs: SECOND,
    })
    return { log, running }
  }

  test("continue at once while there is work, soon if none can continue now, and are otherwise polled", async () => {
    const made = (count: number) => ({ endpointId: "ep_a", made: count })
    const { log, running } = replays([made(1), "later", made(0), "none"])
    await vi.advanceTimersByTimeAsync(3 * SECOND)
    await running.stop()
    expect(log).toEqual([
      [1_000, "step"],
      [1_000, "wake ep_a"],
      [1_000, "step"],
      [1_100, "step"],
      [1_100, "step"],
      [2_100, "step"],
    ])
  })

  test("stop after the current step, however much is left", async () => {
    const { log, running } = replays(Array(100).fill("later"))
    await vi.advanceTimersByTimeAsync(SECOND)
    const stopped = running.stop()
    await vi.runAllTimersAsync()
    await stopped
    expect(log).toEqual([[1_000, "step"]])
  })
})
