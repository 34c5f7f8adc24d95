import { expect, test } from "vitest"
import { createMicroBatch, nextStep } from "../../src/scheduling/micro-batch.ts"

test("work of one event-loop turn continues together, in order of arrival, after the turn", async () => {
  const microBatch = createMicroBatch()
  const log: string[] = []
  const first = microBatch().then(() => log.push("first"))
  process.nextTick(() => log.push("the turn goes on"))
  const second = microBatch().then(() => log.push("second"))
  await Promise.all([first, second])
  expect(log).toEqual(["the turn goes on", "first", "second"])
})

test("work that arrives later, even from within a micro-batch, is in a later one", async () => {
  const microBatch = createMicroBatch()
  const log: string[] = []
  let late: Promise<unknown> | undefined
  const early = microBatch().then(() => {
    log.push("early")
    late = microBatch().then(() => log.push("late"))
  })
  const together = microBatch().then(() => log.push("together"))
  await Promise.all([early, together])
  await late
  expect(log).toEqual(["early", "together", "late"])
})

test("a micro-batch keeps in step: all work finishes one step before any starts the next", async () => {
  const microBatch = createMicroBatch()
  const log: string[] = []
  const walk = async (name: string) => {
    await microBatch()
    log.push(`${name} verified`)
    await nextStep()
    log.push(`${name} normalized`)
  }
  await Promise.all([walk("one"), walk("two")])
  expect(log).toEqual(["one verified", "two verified", "one normalized", "two normalized"])
})
