import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { createWaker } from "../../src/scheduling/waker.ts"
import { until } from "../support/until.ts"

/** A queue that answers as the test says. */
function queue(answers: (boolean | Error)[]) {
  const calls: string[][] = []
  const wake = async (ids: string[]) => {
    calls.push(ids)
    const answer = answers[calls.length - 1] ?? true
    if (answer instanceof Error) throw answer
    return answer
  }
  return { calls, wake }
}

describe("waker", () => {
  test("wakes at once, and combines what arrives while a wake is being sent", async () => {
    const { calls, wake } = queue([])
    const waker = createWaker({ wake, onError: () => {} })
    waker.wake(["ep_a"])
    waker.wake(["ep_b"])
    waker.wake(["ep_a", "ep_b"])
    expect(calls).toEqual([["ep_a"]])
    await until(() => calls.length === 2, "the second wake")
    expect(calls[1]).toEqual(["ep_b", "ep_a"])
    await waker.close()
  })

  test("repeats a wake, with what arrived since, until it is accepted", async () => {
    const { calls, wake } = queue([false, false, true])
    const waker = createWaker({ wake, onError: () => {} })
    waker.wake(["ep_a"])
    waker.wake(["ep_b"])
    await until(() => calls.length === 3, "the third wake")
    expect(new Set(calls[2])).toEqual(new Set(["ep_a", "ep_b"]))
    await waker.close()
  })

  test("reports a queue that is unreachable, and still sends later wakes", async () => {
    const errors: unknown[] = []
    const { calls, wake } = queue([new Error("away")])
    const waker = createWaker({ wake, onError: (error) => errors.push(error) })
    waker.wake(["ep_a"])
    await until(() => errors.length === 1, "the error")
    waker.wake(["ep_b"])
    await until(() => calls.length === 2, "the second wake")
    expect(calls[1]).toEqual(["ep_b"])
    await waker.close()
  })

  test("closes while its wake is not accepted, and sends no further wakes", async () => {
    const { calls, wake } = queue(Array.from({ length: 1000 }, () => false))
    const waker = createWaker({ wake, onError: () => {} })
    waker.wake(["ep_a"])
    await waker.close()
    expect(calls).toEqual([["ep_a"]])
  })

  test("closes when the current wake is sent", async () => {
    const made = Promise.withResolvers<boolean>()
    const log: string[] = []
    const waker = createWaker({ wake: () => made.promise.finally(() => log.push("made")), onError: () => {} })
    waker.wake(["ep_a"])
    const closed = waker.close().then(() => log.push("closed"))
    await new Promise(setImmediate)
    made.resolve(true)
    await closed
    expect(log).toEqual(["made", "closed"])
  })

  test("still wakes endpoints after a request without endpoints", async () => {
    const { calls, wake } = queue([])
    const waker = createWaker({ wake, onError: () => {} })
    waker.wake([])
    waker.wake(["ep_a"])
    expect(calls).toEqual([["ep_a"]])
    await waker.close()
  })
})

describe("a waker delays the next wake", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** The times of its wakes, in milliseconds. */
  function timed(answers: boolean[]) {
    const atMs: number[] = []
    const wake = async () => {
      atMs.push(Date.now())
      return answers[atMs.length - 1] ?? true
    }
    return { atMs, waker: createWaker({ wake, onError: () => {} }) }
  }
  const endpoints = (count: number) => Array.from({ length: count }, (_, number) => `ep_${number}`)

  test("by half a millisecond for each endpoint woken, up to 30 ms, and not at all for a single one", async () => {
    const { atMs, waker } = timed([])
    const ringAndWait = (count: number, ms: number) => {
      waker.wake(endpoints(count))
      return vi.advanceTimersByTimeAsync(ms)
    }
    await ringAndWait(1, 0)
    await ringAndWait(20, 0)
    await ringAndWait(1_000, 10)
    await ringAndWait(1, 30)
    await ringAndWait(1, 0)
    expect(atMs).toEqual([0, 0, 10, 40, 40])
    await waker.close()
  })

  test("longer after each wake that was not accepted, and resets once one is", async () => {
    const { atMs, waker } = timed([...Array<boolean>(6).fill(false), true, false, true])
    for (const id of ["ep_a", "ep_b"]) {
      waker.wake([id])
      await vi.runAllTimersAsync()
    }
    expect(atMs).toEqual([0, 1, 3, 7, 15, 23, 31, 31, 32])
  })
})
