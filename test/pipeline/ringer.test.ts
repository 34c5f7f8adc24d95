import { describe, expect, test } from "vitest"
import { createRinger } from "../../src/pipeline/ringer.ts"

describe("ringer", () => {
  test("rings an endpoint once for all that comes during a call, and loses no ring", async () => {
    const calls: string[][] = []
    let end = () => {}
    const ring = (ids: string[]) =>
      new Promise<void>((resolve) => {
        calls.push(ids)
        end = resolve
      })
    const ringer = createRinger({ ring, onError: () => {} })
    ringer.ring(["ep_a"])
    ringer.ring(["ep_b"])
    ringer.ring(["ep_a", "ep_b"])
    expect(calls).toEqual([["ep_a"]])
    end()
    await new Promise((resolve) => setImmediate(resolve))
    expect(calls).toEqual([["ep_a"], ["ep_b", "ep_a"]])
    end()
    await ringer.settled()
  })

  test("a queue that is away is reported, and later rings are tried again", async () => {
    const errors: unknown[] = []
    let away = true
    const rung: string[][] = []
    const ringer = createRinger({
      ring: async (ids) => {
        if (away) throw new Error("away")
        rung.push(ids)
      },
      onError: (error) => errors.push(error),
    })
    ringer.ring(["ep_a"])
    await ringer.settled()
    away = false
    ringer.ring(["ep_b"])
    await ringer.settled()
    expect(errors).toHaveLength(1)
    expect(rung).toEqual([["ep_b"]])
  })
})
