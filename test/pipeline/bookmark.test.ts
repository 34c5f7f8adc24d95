import { expect, test } from "vitest"
import { createBookmark } from "../../src/pipeline/bookmark.ts"
import { delivery } from "./drain-world.ts"

test("a drain reads on where the claim before the last one ended, and all of it ten times a second", () => {
  const clock = { ms: 5_000 }
  const bookmark = createBookmark(() => clock.ms)
  const claim = (ids: string[], wantsAll = false) => {
    const after = bookmark.next(wantsAll)
    bookmark.claimed(ids.map((id) => delivery(id)))
    return after
  }
  expect(claim(["a", "b"])).toBe("")
  expect(claim(["c"])).toBe("")
  expect(claim(["d", "e"])).toBe("b")
  expect(claim([])).toBe("c")
  expect(bookmark.wholeInMs()).toBe(100)
  clock.ms += 60
  expect(bookmark.wholeInMs()).toBe(40)
  expect(claim(["f"])).toBe("e")
  clock.ms += 40
  expect(claim(["g"])).toBe("")
  expect(claim(["h"])).toBe("f")
  expect(claim([], true)).toBe("")
  bookmark.reset()
  expect(claim([])).toBe("")
})

test("what is replayed has later ids and is read elsewhere", () => {
  const bookmark = createBookmark(() => 0)
  bookmark.next(false)
  bookmark.claimed([delivery("a"), delivery("z", { trigger: "replay" })])
  bookmark.claimed([])
  expect(bookmark.next(false)).toBe("a")
})
