import fc from "fast-check"
import { expect, test } from "vitest"
import { createLane } from "../../../src/core/delivery/lane.ts"

const SIZE = { shared: 8, guaranteed: 1, endpointPart: 1 / 2 }

/** Endpoints of three customers that acquire and release slots at random. */
const history = fc.array(
  fc.record({
    endpoint: fc.integer({ min: 0, max: 11 }),
    act: fc.constantFrom("acquire" as const, "acquire" as const, "release" as const),
  }),
  { maxLength: 300, size: "max" },
)
const customerOf = (endpoint: number) => `cus_${endpoint % 3}`

function play(given: { endpoint: number; act: "acquire" | "release" }[], size = SIZE) {
  const lane = createLane(size)
  const inFlight = new Map<number, number>()
  const of = (endpoint: number) => inFlight.get(endpoint) ?? 0
  const acquire = (endpoint: number) => {
    const isAdmitted = lane.acquire(`ep_${endpoint}`, customerOf(endpoint))
    if (isAdmitted) inFlight.set(endpoint, of(endpoint) + 1)
    return isAdmitted
  }
  const release = (endpoint: number) => {
    inFlight.set(endpoint, of(endpoint) - 1)
    lane.release(`ep_${endpoint}`, customerOf(endpoint))
  }
  for (const { endpoint, act } of given) {
    if (act === "acquire") acquire(endpoint)
    else if (of(endpoint) > 0) release(endpoint)
  }
  return { lane, acquire, release, of, inFlight }
}

const shared = (inFlight: Map<number, number>) =>
  [...inFlight].map(([endpoint, count]) => ({ endpoint, count: Math.max(0, count - SIZE.guaranteed) }))
const sum = (counts: { count: number }[]) => counts.reduce((total, { count }) => total + count, 0)

test("shared slots never exceed the lane's size, and no customer has more than half of them", () => {
  fc.assert(
    fc.property(history, (given) => {
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

test("each endpoint gets its guaranteed slots, whatever the others hold", () => {
  fc.assert(
    fc.property(history, (given) => {
      const { of, acquire } = play(given)
      for (let endpoint = 0; endpoint < 12; endpoint++) {
        if (of(endpoint) < SIZE.guaranteed) expect(acquire(endpoint)).toBe(true)
      }
    }),
  )
})

test("500 endpoints of one customer leave another customer as many slots as they hold together", () => {
  const lane = createLane({ shared: 64, guaranteed: 0, endpointPart: 1 })
  let theirs = 0
  for (let endpoint = 0; endpoint < 500; endpoint++) if (lane.acquire(`ep_${endpoint}`, "cus_many")) theirs += 1
  expect(theirs).toBe(32)
  let others = 0
  while (lane.acquire("ep_other", "cus_other")) others += 1
  expect(others).toBe(16)
})

test("no endpoint starves when every endpoint always wants more", () => {
  const size = { shared: 4, guaranteed: 0, endpointPart: 1 / 4 }
  fc.assert(
    fc.property(history, (given) => {
      const { lane, acquire, release, of, inFlight } = play(given, size)
      const starving = new Set([...Array(12).keys()].filter((endpoint) => of(endpoint) === 0 && !acquire(endpoint)))
      // Every endpoint always wants more and every request ends at some time, like hanging endpoints with a backlog.
      const busy = [...inFlight].flatMap(([endpoint, count]) => Array<number>(count).fill(endpoint))
      for (let round = 0; round < 100 && starving.size > 0; round++) {
        const freed = busy.shift() as number
        release(freed)
        for (const id of lane.dequeue()) {
          const endpoint = Number(id.slice(3))
          if (!acquire(endpoint)) continue
          busy.push(endpoint)
          starving.delete(endpoint)
        }
        if (acquire(freed)) busy.push(freed)
      }
      expect([...starving]).toEqual([])
    }),
  )
})

test("an endpoint moves to another lane with all its requests in flight, and releases their slots there", () => {
  const [fast, slow] = [createLane(SIZE), createLane(SIZE)]
  for (let count = 0; count < 3; count++) fast.acquire("ep_1", "cus_1")
  slow.adopt("ep_1", "cus_1", fast.remove("ep_1", "cus_1"))
  expect([fast.inFlight(), slow.inFlight()]).toEqual([0, 3])
  for (let count = 0; count < 3; count++) slow.release("ep_1", "cus_1")
  expect(slow.inFlight()).toBe(0)
})

test("an endpoint that stopped waiting is not dequeued", () => {
  const lane = createLane({ shared: 2, guaranteed: 0, endpointPart: 1 })
  for (const endpoint of ["ep_1", "ep_2", "ep_3", "ep_4"]) lane.acquire(endpoint, endpoint)
  expect(lane.waiting()).toBe(2)
  lane.stopWaiting("ep_3")
  lane.release("ep_1", "ep_1")
  expect([...lane.dequeue()]).toEqual(["ep_4"])
})

test("a freed slot goes to the customer with the fewest slots, and there to its longest waiting endpoint", () => {
  const lane = createLane({ shared: 6, guaranteed: 0, endpointPart: 1 })
  const acquire = (endpoint: string) => lane.acquire(endpoint, endpoint.slice(0, 1))
  expect(["a1", "a1", "a1", "b1", "c1", "a2", "b2", "b3", "d1"].map(acquire)).toEqual([
    ...Array<boolean>(5).fill(true),
    ...[false, false, false, true],
  ])
  const dequeued = () => {
    const endpoints: string[] = []
    for (const endpoint of lane.dequeue()) {
      endpoints.push(endpoint)
      acquire(endpoint)
    }
    return endpoints
  }
  lane.release("a1", "a")
  expect(dequeued()).toEqual([])
  lane.release("a1", "a")
  expect(dequeued()).toEqual(["b2"])
})

test("of customers with equally many slots, the one that has waited longest goes first", () => {
  const lane = createLane({ shared: 4, guaranteed: 0, endpointPart: 1 })
  const acquire = (endpoint: string) => lane.acquire(endpoint, endpoint.slice(0, 1))
  expect(["c1", "c1", "a1", "b1"].map(acquire)).toEqual(Array(4).fill(true))
  expect(["a2", "b2", "a3"].map(acquire)).toEqual(Array(3).fill(false))
  for (let count = 0; count < 2; count++) lane.release("c1", "c")
  const dequeued = lane.dequeue()
  expect(dequeued.next().value).toBe("a2")
})

test("exactly those waiting endpoints are dequeued that would get a slot", () => {
  fc.assert(
    fc.property(history, fc.array(fc.nat({ max: 11 })), (given, freed) => {
      const { lane, acquire, release, of } = play(given)
      const waiting = new Set([...Array(12).keys()].filter((endpoint) => !acquire(endpoint)))
      for (const endpoint of freed) if (of(endpoint) > 0) release(endpoint)
      for (const id of lane.dequeue()) {
        const endpoint = Number(id.slice(3))
        expect(waiting.delete(endpoint)).toBe(true)
        expect(acquire(endpoint)).toBe(true)
      }
      for (const endpoint of waiting) if (of(endpoint) >= SIZE.guaranteed) expect(acquire(endpoint)).toBe(false)
    }),
  )
})

test("guaranteed slots do not reduce the shared ones", () => {
  const lane = createLane({ shared: 8, guaranteed: 2, endpointPart: 1 })
  for (let endpoint = 0; endpoint < 100; endpoint++) {
    expect([1, 2].map(() => lane.acquire(`ep_${endpoint}`, "cus_many"))).toEqual([true, true])
  }
  let others = 0
  while (lane.acquire("ep_other", "cus_other")) others += 1
  expect(others).toBe(2 + 4)
})

test("one endpoint gets no more than its part of the free slots, and leaves the rest to others of its customer", () => {
  const lane = createLane({ shared: 6, guaranteed: 0, endpointPart: 1 / 2 })
  expect([1, 2, 3].map(() => lane.acquire("ep_1", "cus_1"))).toEqual([true, true, false])
  expect(lane.acquire("ep_2", "cus_1")).toBe(true)
})

test("an endpoint gets its first slot however small its part of the free slots is", () => {
  const lane = createLane({ shared: 4, guaranteed: 0, endpointPart: 1 / 8 })
  const endpoints = ["ep_1", "ep_2", "ep_3", "ep_4"]
  expect(endpoints.map((endpoint) => lane.acquire(endpoint, endpoint))).toEqual([true, true, true, true])
})

test("an endpoint is dequeued also when its customer's usage fell below that of any waiting customer before", () => {
  const lane = createLane({ shared: 6, guaranteed: 0, endpointPart: 1 })
  expect(["a1", "a1", "a1", "a2"].map((endpoint) => lane.acquire(endpoint, "a"))).toEqual([true, true, true, false])
  expect([...lane.dequeue()]).toEqual([])
  for (let count = 0; count < 3; count++) lane.release("a1", "a")
  expect([...lane.dequeue()]).toEqual(["a2"])
})

test("an endpoint that moves to another lane no longer waits in the one it leaves", () => {
  const lane = createLane({ shared: 2, guaranteed: 0, endpointPart: 1 })
  expect([lane.acquire("ep_1", "cus_1"), lane.acquire("ep_1", "cus_1")]).toEqual([true, false])
  expect(lane.remove("ep_1", "cus_1")).toBe(1)
  expect(lane.waiting()).toBe(0)
  expect([...lane.dequeue()]).toEqual([])
})
