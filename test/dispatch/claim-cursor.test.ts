import { expect, test } from "vitest"
import { createClaimCursor } from "../../src/dispatch/claim-cursor.ts"
import { delivery } from "./drain-world.ts"

interface Given {
  begins?: boolean
  ordered?: boolean
  filled?: boolean
  latest?: string
  tookMs?: number
}

/** A claimCursor, and claims that bring what the test says. */
function reader() {
  const clock = { ms: 5_000 }
  const claimCursor = createClaimCursor(() => clock.ms)
  return {
    clock,
    claimCursor,
    claim(ids: string[], { begins = false, ordered = false, filled = false, latest, tookMs = 1 }: Given = {}) {
      const after = claimCursor.next(begins, ordered)
      const deliveries = ids.map((id) => delivery(id, id.startsWith("replay") ? { trigger: "replay" } : {}))
      claimCursor.claimed({ deliveries, filled, latest: latest ?? null, tookMs })
      return after
    },
  }
}

test("a drain reads on where the claim before the last one ended, and all of it ten times a second", () => {
  const { clock, claimCursor, claim } = reader()
  expect(claimCursor.fullReadInMs()).toBe(0)
  expect(claim(["a", "b"])).toBe("")
  expect(claim(["c"])).toBe("")
  expect(claim(["d", "e"])).toBe("b")
  expect(claim([])).toBe("c")
  expect(claimCursor.fullReadInMs()).toBe(100)
  clock.ms += 60
  expect(claimCursor.fullReadInMs()).toBe(40)
  expect(claim(["f"])).toBe("e")
  clock.ms += 40
  expect(claim(["g"])).toBe("")
  expect(claim(["h"])).toBe("f")
  expect(claim([], { begins: true })).toBe("")
  claimCursor.reset()
  expect(claim([])).toBe("")
})

test("what is replayed has later ids and is read elsewhere", () => {
  const { claim } = reader()
  claim(["a", "replay z"])
  claim([])
  expect(claim([])).toBe("a")
})

test("where order counts, what waits for its turn is stepped over once", () => {
  const { claim } = reader()
  claim(["a"], { ordered: true, latest: "y" })
  claim([], { ordered: true, latest: "z" })
  expect(claim([], { ordered: true, latest: "z" })).toBe("y")
})

test("a claim that had no room for more is gone on with from its end, though later ones were read before", () => {
  const { clock, claim } = reader()
  claim(["m", "n"])
  claim(["o"])
  clock.ms += 100
  expect(claim(["a", "b"], { filled: true, latest: "z" })).toBe("")
  expect(claim(["c", "d"], { filled: true, latest: "z" })).toBe("")
  expect(claim(["e"], { latest: "z" })).toBe("b")
  expect(claim([], { latest: "z" })).toBe("d")
  expect(claim([], { latest: "z" })).toBe("z")
})

test("the whole is read the more seldom the longer that takes, also by a drain that begins where order counts", () => {
  const { clock, claimCursor, claim } = reader()
  expect(claim(["a"], { ordered: true, latest: "z", tookMs: 200 })).toBe("")
  claim([], { ordered: true, latest: "z" })
  expect(claimCursor.fullReadInMs()).toBe(4_000)
  clock.ms += 3_999
  expect(claim([], { begins: true, ordered: true, latest: "z" })).toBe("z")
  expect(claim([], { begins: true, ordered: false })).toBe("")
  clock.ms += 100
  expect(claim([], { begins: true, ordered: true, latest: "z" })).toBe("")
})

test("a late one that is found among all of them changes nothing of where the next claims begin", () => {
  const { clock, claim } = reader()
  claim(["m", "n"])
  clock.ms += 100
  expect(claim(["a"])).toBe("")
  expect(claim([])).toBe("n")
  expect(claim([])).toBe("n")
})

test("a claim of all that found only later ones, and no room for more, is gone on with from where it found them", () => {
  const { clock, claim } = reader()
  claim(["m", "n"])
  clock.ms += 100
  expect(claim(["o", "p"], { filled: true })).toBe("")
  expect(claim([])).toBe("n")
})

test("late ones that a claim from the claimCursor had no room for wait until all are read again", () => {
  const { clock, claim } = reader()
  claim(["m", "p"])
  claim(["q"])
  expect(claim(["pa", "pb"], { filled: true })).toBe("p")
  expect(claim([])).toBe("q")
  clock.ms += 100
  expect(claim([])).toBe("")
})
