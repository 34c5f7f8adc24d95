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
  type Overdue = { endpointId: string; overdueMs: number; leased: boolean }

  /** Sweeps once for each list of endpoints. */
  async function sweep(sweeps: Overdue[][], { queueReady = true, cannotSend = "" } = {}) {
    const log: unknown[] = []
    const left = [...sweeps]
    const { stop } = startSweep({
      overdue: async () => left.shift() ?? [],
      queueReady: () => queueReady,
      wake: (endpointIds) => log.push(["wake", ...endpointIds]),
      wakeHere: (endpointIds) => log.push(["wake here", ...endpointIds]),
      canSend: (endpointId) => endpointId !== cannotSend,
      onOldestDue: (seconds) => log.push(seconds),
      onLeftWaiting: () => log.push("left waiting"),
      onError: (error) => log.push(error),
      everyMs: SECOND,
    })
    await vi.advanceTimersByTimeAsync(sweeps.length * SECOND)
    await stop()
    return log
  }
  const due = (endpointId: string, overdueMs: number, leased = false) => ({ endpointId, overdueMs, leased })

  test("wakes endpoints with due deliveries and no lease, and reports how long the oldest is due", async () => {
    expect(await sweep([[due("ep_a", 100), due("ep_b", 60_000, true), due("ep_c", 5_000)]])).toEqual([
      60,
      ["wake", "ep_a", "ep_c"],
      ["wake here"],
    ])
  })

  test("wakes here what the queue has brought to no dispatcher since the last sweep", async () => {
    const first = [due("ep_a", 100), due("ep_b", 100)]
    const second = [due("ep_a", 1_100), due("ep_b", 1_100, true), due("ep_c", 10)]
    expect((await sweep([first, second])).slice(3)).toEqual([
      1.1,
      "left waiting",
      ["wake", "ep_a", "ep_c"],
      ["wake here", "ep_a"],
    ])
  })

  test("does not blame the queue for an endpoint to which this process cannot send", async () => {
    const waiting = [due("ep_a", 100)]
    const log = await sweep([waiting, waiting], { cannotSend: "ep_a" })
    expect(log.slice(3)).toEqual([0.1, ["wake", "ep_a"], ["wake here"]])
  })

  test("wakes everything here while the queue is not ready", async () => {
    const waiting = [due("ep_a", 100)]
    const log = await sweep([waiting, waiting], { queueReady: false })
    expect(log).toEqual([0.1, ["wake here", "ep_a"], 0.1, ["wake here", "ep_a"]])
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
