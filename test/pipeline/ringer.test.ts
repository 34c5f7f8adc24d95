import { describe, expect, test } from "vitest"
import { createRinger } from "../../src/pipeline/ringer.ts"
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

  test("ends while nobody hears it", async () => {
    const { ring } = queue(Array.from({ length: 1000 }, () => false))
    const ringer = createRinger({ ring, onError: () => {} })
    ringer.ring(["ep_a"])
    await ringer.close()
  })
})
