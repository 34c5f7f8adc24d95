import fc from "fast-check"
import { expect, test } from "vitest"
import { createLane } from "../../../src/core/delivery/lane.ts"

const SIZE = { shared: 8, guaranteed: 1, endpointPart: 1 / 2 }

/** A lane with endpoints that take and free at random; `a…` are of one customer, `b` of another. */
const turns = fc.array(
  fc.record({
    endpoint: fc.integer({ min: 0, max: 11 }),
    act: fc.constantFrom("take" as const, "take" as const, "free" as const),
  }),
  { maxLength: 300, size: "max" },
)
const customerOf = (endpoint: number) => `cus_${endpoint % 3}`

function play(given: { endpoint: number; act: "take" | "free" }[], size = SIZE) {
  const lane = createLane(size)
  const inFlight = new Map<number, number>()
  const of = (endpoint: number) => inFlight.get(endpoint) ?? 0
  const take = (endpoint: number) => {
    const taken = lane.take(`ep_${endpoint}`, customerOf(endpoint))
    if (taken) inFlight.set(endpoint, of(endpoint) + 1)
    return taken
  }
  const free = (endpoint: number) => {
    inFlight.set(endpoint, of(endpoint) - 1)
    lane.free(`ep_${endpoint}`, customerOf(endpoint))
  }
  for (const { endpoint, act } of given) {
    if (act === "take") take(endpoint)
    else if (of(endpoint) > 0) free(endpoint)
  }
  return { lane, take, free, of, inFlight }
}

const shared = (inFlight: Map<number, number>) =>
  [...inFlight].map(([endpoint, count]) => ({ endpoint, count: Math.max(0, count - SIZE.guaranteed) }))
const sum = (counts: { count: number }[]) => counts.reduce((total, { count }) => total + count, 0)

test("shared slots are never more than there are, and no customer has more than half", () => {
  fc.assert(
    fc.property(turns, (given) => {
      const { inFlight, lane } = play(given)
      const counts = shared(inFlight)
      expect(sum(counts)).toBeLessThanOrEqual(SIZE.shared)
      for (const customer of [0, 1, 2]) {
        expect(sum(counts.filter(({ endpoint }) => endpoint % 3 === customer))).toBeLessThanOrEqual(SIZE.shared / 2)
      }
      expect(lane.inFlight()).toBe([...inFlight.values()].reduce((total, count) => total + count, 0))
    }),
  )
})

test("whatever the others have, each endpoint gets what it is guaranteed", () => {
  fc.assert(
    fc.property(turns, (given) => {
      const { of, take } = play(given)
      for (let endpoint = 0; endpoint < 12; endpoint++) {
        if (of(endpoint) < SIZE.guaranteed) expect(take(endpoint)).toBe(true)
      }
    }),
  )
})

test("500 endpoints of one customer leave another one as many slots as they have", () => {
  const lane = createLane({ shared: 64, guaranteed: 0, endpointPart: 1 })
  let theirs = 0
  for (let endpoint = 0; endpoint < 500; endpoint++) if (lane.take(`ep_${endpoint}`, "cus_many")) theirs += 1
  expect(theirs).toBe(32)
  let others = 0
  while (lane.take("ep_other", "cus_other")) others += 1
  expect(others).toBe(16)
})

test("nobody starves where everyone always wants more", () => {
  const size = { shared: 4, guaranteed: 0, endpointPart: 1 / 4 }
  fc.assert(
    fc.property(turns, (given) => {
      const { lane, take, free, of, inFlight } = play(given, size)
      const starving = new Set([...Array(12).keys()].filter((endpoint) => of(endpoint) === 0 && !take(endpoint)))
      // Everyone always wants more and each request ends some time, as with endpoints that hang with a backlog.
      const busy = [...inFlight].flatMap(([endpoint, count]) => Array<number>(count).fill(endpoint))
      for (let round = 0; round < 100 && starving.size > 0; round++) {
        const freed = busy.shift() as number
        free(freed)
        for (const id of lane.served()) {
          const endpoint = Number(id.slice(3))
          if (!take(endpoint)) continue
          busy.push(endpoint)
          starving.delete(endpoint)
        }
        if (take(freed)) busy.push(freed)
      }
      expect([...starving]).toEqual([])
    }),
  )
})

test("an endpoint moves with all it has in flight, and gives it back where it went", () => {
  const [fast, slow] = [createLane(SIZE), createLane(SIZE)]
  for (let count = 0; count < 3; count++) fast.take("ep_1", "cus_1")
  slow.adopt("ep_1", "cus_1", fast.remove("ep_1", "cus_1"))
  expect([fast.inFlight(), slow.inFlight()]).toEqual([0, 3])
  for (let count = 0; count < 3; count++) slow.free("ep_1", "cus_1")
  expect(slow.inFlight()).toBe(0)
})

test("one who left the line is not served", () => {
  const lane = createLane({ shared: 2, guaranteed: 0, endpointPart: 1 })
  for (const endpoint of ["ep_1", "ep_2", "ep_3", "ep_4"]) lane.take(endpoint, endpoint)
  expect(lane.waiting()).toBe(2)
  lane.leaveLine("ep_3")
  lane.free("ep_1", "ep_1")
  expect([...lane.served()]).toEqual(["ep_4"])
})

test("a freed slot goes to the customer with the fewest, and there to the endpoint that has waited longest", () => {
  const lane = createLane({ shared: 6, guaranteed: 0, endpointPart: 1 })
  const take = (endpoint: string) => lane.take(endpoint, endpoint.slice(0, 1))
  expect(["a1", "a1", "a1", "b1", "c1", "a2", "b2", "b3", "d1"].map(take)).toEqual([
    ...Array<boolean>(5).fill(true),
    ...[false, false, false, true],
  ])
  const served = () => {
    const endpoints: string[] = []
    for (const endpoint of lane.served()) {
      endpoints.push(endpoint)
      take(endpoint)
    }
    return endpoints
  }
  lane.free("a1", "a")
  expect(served()).toEqual([])
  lane.free("a1", "a")
  expect(served()).toEqual(["b2"])
})

test("of customers with as many slots each, the one goes first that has waited longest, whoever of it came later", () => {
  const lane = createLane({ shared: 4, guaranteed: 0, endpointPart: 1 })
  const take = (endpoint: string) => lane.take(endpoint, endpoint.slice(0, 1))
  expect(["c1", "c1", "a1", "b1"].map(take)).toEqual(Array(4).fill(true))
  expect(["a2", "b2", "a3"].map(take)).toEqual(Array(3).fill(false))
  for (let count = 0; count < 2; count++) lane.free("c1", "c")
  const served = lane.served()
  expect(served.next().value).toBe("a2")
})

test("exactly those in line are served who would be given a slot", () => {
  fc.assert(
    fc.property(turns, fc.array(fc.nat({ max: 11 })), (given, freed) => {
      const { lane, take, free, of } = play(given)
      const waiting = new Set([...Array(12).keys()].filter((endpoint) => !take(endpoint)))
      for (const endpoint of freed) if (of(endpoint) > 0) free(endpoint)
      for (const id of lane.served()) {
        const endpoint = Number(id.slice(3))
        expect(waiting.delete(endpoint)).toBe(true)
        expect(take(endpoint)).toBe(true)
      }
      for (const endpoint of waiting) if (of(endpoint) >= SIZE.guaranteed) expect(take(endpoint)).toBe(false)
    }),
  )
})

test("what endpoints are guaranteed takes nothing of what is shared", () => {
  const lane = createLane({ shared: 8, guaranteed: 2, endpointPart: 1 })
  for (let endpoint = 0; endpoint < 100; endpoint++) {
    expect([1, 2].map(() => lane.take(`ep_${endpoint}`, "cus_many"))).toEqual([true, true])
  }
  let others = 0
  while (lane.take("ep_other", "cus_other")) others += 1
  expect(others).toBe(2 + 4)
})

test("one endpoint has its part of what is free and no more, and leaves the rest to others of its customer", () => {
  const lane = createLane({ shared: 6, guaranteed: 0, endpointPart: 1 / 2 })
  expect([1, 2, 3].map(() => lane.take("ep_1", "cus_1"))).toEqual([true, true, false])
  expect(lane.take("ep_2", "cus_1")).toBe(true)
})

test("an endpoint gets its first slot however small its part of those that are free", () => {
  const lane = createLane({ shared: 4, guaranteed: 0, endpointPart: 1 / 8 })
  const endpoints = ["ep_1", "ep_2", "ep_3", "ep_4"]
  expect(endpoints.map((endpoint) => lane.take(endpoint, endpoint))).toEqual([true, true, true, true])
})

test("who waits is served also when it has fewer slots than anyone in line had before", () => {
  const lane = createLane({ shared: 6, guaranteed: 0, endpointPart: 1 })
  expect(["a1", "a1", "a1", "a2"].map((endpoint) => lane.take(endpoint, "a"))).toEqual([true, true, true, false])
  expect([...lane.served()]).toEqual([])
  for (let count = 0; count < 3; count++) lane.free("a1", "a")
  expect([...lane.served()]).toEqual(["a2"])
})

test("an endpoint that moves to another lane is no longer in line in the one it leaves", () => {
  const lane = createLane({ shared: 2, guaranteed: 0, endpointPart: 1 })
  expect([lane.take("ep_1", "cus_1"), lane.take("ep_1", "cus_1")]).toEqual([true, false])
  expect(lane.remove("ep_1", "cus_1")).toBe(1)
  expect(lane.waiting()).toBe(0)
  expect([...lane.served()]).toEqual([])
})
