import { expect, test } from "vitest"
import { createClaimCursor } from "../../src/dispatch/claim-cursor.ts"
import { delivery } from "./drain-world.ts"

interface Given {
  holdsNothing?: boolean
  ordered?: boolean
  filled?: boolean
  latest?: string
  tookMs?: number
}

/** A claim cursor, with claims that return what the test says. */
function reader() {
  const clock = { ms: 5_000 }
  const claimCursor = createClaimCursor(() => clock.ms)
  return {
    clock,
    claimCursor,
    claim(ids: string[], { holdsNothing = false, ordered = false, filled = false, latest, tookMs = 1 }: Given = {}) {
      const after = claimCursor.next(holdsNothing, ordered)
      const deliveries = ids.map((id) => delivery(id, id.startsWith("replay") ? { trigger: "replay" } : {}))
      claimCursor.advance({ deliveries, filled, latest: latest ?? null, tookMs })
      return after
    },
  }
}

test("a claim continues after the newest id known before the last claim; ten times a second it is a full read", () => {
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
  expect(claim([], { holdsNothing: true })).toBe("")
  claimCursor.reset()
  expect(claim([])).toBe("")
})

test("replayed deliveries do not move the cursor", () => {
  const { claim } = reader()
  claim(["a", "replay z"])
  claim([])
  expect(claim([])).toBe("a")
})

test("for ordered conversations, deliveries that wait for their turn are stepped over once", () => {
  const { claim } = reader()
  claim(["a"], { ordered: true, latest: "y" })
  claim([], { ordered: true, latest: "z" })
  expect(claim([], { ordered: true, latest: "z" })).toBe("y")
})

test("after a full read that reached its limit, claims continue from its end, even if later ids are known", () => {
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

test("slow full reads are made less often, also by a drain that holds nothing if order counts", () => {
  const { clock, claimCursor, claim } = reader()
  expect(claim(["a"], { ordered: true, latest: "z", tookMs: 200 })).toBe("")
  claim([], { ordered: true, latest: "z" })
  expect(claimCursor.fullReadInMs()).toBe(4_000)
  clock.ms += 3_999
  expect(claim([], { holdsNothing: true, ordered: true, latest: "z" })).toBe("z")
  expect(claim([], { holdsNothing: true, ordered: false })).toBe("")
  clock.ms += 100
  expect(claim([], { holdsNothing: true, ordered: true, latest: "z" })).toBe("")
})

test("a late delivery found by a full read does not move the cursor back", () => {
  const { clock, claim } = reader()
  claim(["m", "n"])
  clock.ms += 100
  expect(claim(["a"])).toBe("")
  expect(claim([])).toBe("n")
  expect(claim([])).toBe("n")
})

test("after a full read at its limit with only later ids, reading continues from where it found them", () => {
  const { clock, claim } = reader()
  claim(["m", "n"])
  clock.ms += 100
  expect(claim(["o", "p"], { filled: true })).toBe("")
  expect(claim([])).toBe("n")
})

test("deliveries beyond a claim's limit that became visible late are found by the next full read", () => {
  const { clock, claim } = reader()
  claim(["m", "p"])
  claim(["q"])
  expect(claim(["pa", "pb"], { filled: true })).toBe("p")
  expect(claim([])).toBe("q")
  clock.ms += 100
  expect(claim([])).toBe("")
})
