import { expect, test } from "vitest"
import { until } from "../support/until.ts"
import { delivery, world } from "./drain-world.ts"

test("replays get one request at a time if a quarter of the endpoint's concurrency is less than one", async () => {
  const { due, log, drain, finish, ended } = world()
  due.push(delivery("r1", { trigger: "replay" }), delivery("r2", { trigger: "replay" }))
  drain.wake()
  await until(() => log.includes("send r1"), "the first request")
  expect(log).toEqual(["send r1"])
  await finish("r1")
  await finish("r2")
  await until(ended, "the drain to end")
  expect(log).toEqual(["send r1", "send r2", "release"])
})

test("claims more of a long backlog only when half of the claim limit is sent", async () => {
  const load = { held: 0 }
  const { due, drain, finish, sending, ended } = world({ load })
  for (let number = 1_000; number < 2_000; number++) due.push(delivery(`a${number}`))
  drain.wake()
  await until(() => load.held > 32, "the second claim")
  await new Promise(setImmediate)
  expect(load.held).toBe(32 + 64)
  const stopped = drain.stop()
  for (const id of [...sending.keys()]) await finish(id)
  await stopped
  expect([ended(), load.held]).toEqual([true, 0])
})

test("releases an endpoint without a hold with zero wait", async () => {
  const holds: unknown[] = []
  const release = async (hold: unknown) => {
    holds.push(hold)
    return null
  }
  const { due, drain, finish, ended } = world({ release })
  due.push(delivery("a"))
  drain.wake()
  await finish("a")
  await until(ended, "the drain to end")
  expect(holds).toEqual([{ endpointId: "ep_1", forMs: 0, revisionMs: 7 }])
})
