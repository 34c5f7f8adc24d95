import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { createRinger } from "../../src/scheduling/waker.ts"
import { until } from "../support/until.ts"

/** A queue that says what the test tells it to. */
function queue(answers: (boolean | Error)[]) {
  const calls: string[][] = []
  const ring = async (ids: string[]) => {
    calls.push(ids)
    const answer = answers[calls.length - 1] ?? true
    if (answer instanceof Error) throw answer
    return answer
  }
  return { calls, ring }
}

describe("ringer", () => {
  test("rings at once, and together what comes while a ring is under way", async () => {
    const { calls, ring } = queue([])
    const ringer = createRinger({ ring, onError: () => {} })
    ringer.ring(["ep_a"])
    ringer.ring(["ep_b"])
    ringer.ring(["ep_a", "ep_b"])
    expect(calls).toEqual([["ep_a"]])
    await until(() => calls.length === 2, "the second ring")
    expect(calls[1]).toEqual(["ep_b", "ep_a"])
    await ringer.close()
  })

  test("rings again, with what has come since, until it is heard", async () => {
    const { calls, ring } = queue([false, false, true])
    const ringer = createRinger({ ring, onError: () => {} })
    ringer.ring(["ep_a"])
    ringer.ring(["ep_b"])
    await until(() => calls.length === 3, "the third ring")
    expect(new Set(calls[2])).toEqual(new Set(["ep_a", "ep_b"]))
    await ringer.close()
  })

  test("a queue that is away is reported, and later rings are made again", async () => {
    const errors: unknown[] = []
    const { calls, ring } = queue([new Error("away")])
    const ringer = createRinger({ ring, onError: (error) => errors.push(error) })
    ringer.ring(["ep_a"])
    await until(() => errors.length === 1, "the error")
    ringer.ring(["ep_b"])
    await until(() => calls.length === 2, "the second ring")
    expect(calls[1]).toEqual(["ep_b"])
    await ringer.close()
  })

  test("ends while nobody hears it, and rings no more", async () => {
    const { calls, ring } = queue(Array.from({ length: 1000 }, () => false))
    const ringer = createRinger({ ring, onError: () => {} })
    ringer.ring(["ep_a"])
    await ringer.close()
    expect(calls).toEqual([["ep_a"]])
  })

  test("ends when the ring under way is made", async () => {
    const made = Promise.withResolvers<boolean>()
    const log: string[] = []
    const ringer = createRinger({ ring: () => made.promise.finally(() => log.push("made")), onError: () => {} })
    ringer.ring(["ep_a"])
    const closed = ringer.close().then(() => log.push("closed"))
    await new Promise(setImmediate)
    made.resolve(true)
    await closed
    expect(log).toEqual(["made", "closed"])
  })

  test("rings later ones though it was once asked to ring nobody", async () => {
    const { calls, ring } = queue([])
    const ringer = createRinger({ ring, onError: () => {} })
    ringer.ring([])
    ringer.ring(["ep_a"])
    expect(calls).toEqual([["ep_a"]])
    await ringer.close()
  })
})

describe("a ringer puts off the next ring", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** When it rings, in milliseconds. */
  function timed(answers: boolean[]) {
    const atMs: number[] = []
    const ring = async () => {
      atMs.push(Date.now())
      return answers[atMs.length - 1] ?? true
    }
    return { atMs, ringer: createRinger({ ring, onError: () => {} }) }
  }
  const endpoints = (count: number) => Array.from({ length: count }, (_, number) => `ep_${number}`)

  test("by half a millisecond for each endpoint that was rung, up to 30 ms, and for a single one not at all", async () => {
    const { atMs, ringer } = timed([])
    const ringAndWait = (count: number, ms: number) => {
      ringer.ring(endpoints(count))
      return vi.advanceTimersByTimeAsync(ms)
    }
    await ringAndWait(1, 0)
    await ringAndWait(20, 0)
    await ringAndWait(1_000, 10)
    await ringAndWait(1, 30)
    await ringAndWait(1, 0)
    expect(atMs).toEqual([0, 0, 10, 40, 40])
    await ringer.close()
  })

  test("the longer, the more often it was not heard, and begins anew when it was", async () => {
    const { atMs, ringer } = timed([...Array<boolean>(6).fill(false), true, false, true])
    for (const id of ["ep_a", "ep_b"]) {
      ringer.ring([id])
      await vi.runAllTimersAsync()
    }
    expect(atMs).toEqual([0, 1, 3, 7, 15, 23, 31, 31, 32])
  })
})
