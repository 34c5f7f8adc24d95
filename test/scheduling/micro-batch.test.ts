import { expect, test } from "vitest"
import { createMicroBatch, nextStep } from "../../src/scheduling/micro-batch.ts"

test("who comes in one turn of the event loop goes on together, in the order of coming, when the turn has read all", async () => {
  const burst = createMicroBatch()
  const log: string[] = []
  const first = burst().then(() => log.push("first"))
  process.nextTick(() => log.push("the turn goes on"))
  const second = burst().then(() => log.push("second"))
  await Promise.all([first, second])
  expect(log).toEqual(["the turn goes on", "first", "second"])
})

test("who comes later, also while a burst is under way, is in a burst of a later turn", async () => {
  const burst = createMicroBatch()
  const log: string[] = []
  let late: Promise<unknown> | undefined
  const early = burst().then(() => {
    log.push("early")
    late = burst().then(() => log.push("late"))
  })
  const together = burst().then(() => log.push("together"))
  await Promise.all([early, together])
  await late
  expect(log).toEqual(["early", "together", "late"])
})

test("those of a burst keep in step: each has done a step before the first begins the next", async () => {
  const burst = createMicroBatch()
  const log: string[] = []
  const walk = async (name: string) => {
    await burst()
    log.push(`${name} verified`)
    await nextStep()
    log.push(`${name} normalized`)
  }
  await Promise.all([walk("one"), walk("two")])
  expect(log).toEqual(["one verified", "two verified", "one normalized", "two normalized"])
})
