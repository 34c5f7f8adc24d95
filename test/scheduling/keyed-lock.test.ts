import { describe, expect, test } from "vitest"
import { createKeyedLock } from "../../src/scheduling/keyed-lock.ts"

describe("keyed lock", () => {
  const lock = createKeyedLock()
  const log: string[] = []

  async function visit(name: string, keys: string[], work = async () => {}) {
    for (let busy = lock.contended(() => keys); busy; busy = lock.contended(() => keys)) await busy
    await lock.withLock(keys, async () => {
      log.push(`${name} in`)
      await work()
      log.push(`${name} out`)
    })
  }

  test("runs work on one key one at a time, in order of arrival, and work on other keys concurrently", async () => {
    const gate = Promise.withResolvers<void>()
    const visits = [visit("a", ["x", "y"], () => gate.promise), visit("b", ["y"]), visit("c", ["y", "x"])]
    await visit("d", ["z"])
    expect(log.splice(0)).toEqual(["a in", "d in", "d out"])
    gate.resolve()
    await Promise.all(visits)
    expect(log.splice(0)).toEqual(["a out", "b in", "b out", "c in", "c out"])
  })

  test("continues when the work before has failed", async () => {
    const failing = visit("a", ["x"], () => Promise.reject(new Error("no")))
    const next = visit("b", ["x"])
    await expect(failing).rejects.toThrow("no")
    await next
    expect(log.splice(0)).toEqual(["a in", "b in", "b out"])
  })
})
