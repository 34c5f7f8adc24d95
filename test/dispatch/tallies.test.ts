import fc from "fast-check"
import { expect, test } from "vitest"
import { createTallies } from "../../src/dispatch/tallies.ts"

const ATTEMPTS = {
  delivered: { succeeded: true, exhausted: false },
  failed: { succeeded: false, exhausted: false },
  "given up": { succeeded: false, exhausted: true },
  "our fault": { succeeded: null, exhausted: false },
  "given up through our fault": { succeeded: null, exhausted: true },
}

interface Attempted {
  what: keyof typeof ATTEMPTS
  endpointId: string
  eventId: string
}

const attempts: fc.Arbitrary<Attempted> = fc.record({
  what: fc.constantFrom(...(Object.keys(ATTEMPTS) as Attempted["what"][])),
  endpointId: fc.constantFrom("ep_a", "ep_b"),
  eventId: fc.constantFrom("evt_1", "ope_1"),
})

test("counts that could not be stored are added to later ones, as if never taken", () => {
  const acts = fc.array(fc.oneof({ weight: 4, arbitrary: attempts }, fc.constant("fail to store" as const)))
  fc.assert(
    fc.property(acts, fc.array(attempts), (given, meanwhile) => {
      const tallies = createTallies()
      const observed: Attempted[] = []
      const observe = (one: Attempted) => {
        observed.push(one)
        tallies.observe({ ...one, ...ATTEMPTS[one.what] })
      }
      for (const act of given) {
        if (act !== "fail to store") observe(act)
        else tallies.putBack(tallies.take())
      }
      const taken = tallies.take()
      for (const one of meanwhile) observe(one)
      tallies.putBack(taken)

      const counted = tallies.take()
      for (const endpointId of ["ep_a", "ep_b"]) {
        const its = observed.filter((one) => one.endpointId === endpointId)
        const whats = its.map(({ what }) => what)
        const sinceSuccess = whats.slice(whats.lastIndexOf("delivered") + 1)
        const givenUp = its.filter(({ what, eventId }) => ATTEMPTS[what].exhausted && eventId === "evt_1")
        expect(counted.get(endpointId) ?? { succeeded: false, failures: 0, exhausted: 0 }).toEqual({
          succeeded: whats.includes("delivered"),
          failures: sinceSuccess.filter((what) => ATTEMPTS[what].succeeded === false).length,
          exhausted: givenUp.length,
        })
      }
      expect(tallies.take().size).toBe(0)
    }),
  )
})

test("an endpoint with only failures of our own code has no tally", () => {
  const tallies = createTallies()
  tallies.observe({ endpointId: "ep_a", eventId: "evt_1", ...ATTEMPTS["our fault"] })
  expect(tallies.take().size).toBe(0)
})
