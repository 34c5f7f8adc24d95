import { expect, it } from "vitest"
import { createProgress } from "../../src/cli/output/progress.ts"

function drawn(isTerminal: boolean, draw: (progress: ReturnType<typeof createProgress>) => void) {
  const err: string[] = []
  draw(createProgress({ env: {}, out: () => {}, err: (text) => err.push(text), isTerminal }))
  return err
}

it("a bar is redrawn on a terminal and removed at the end", () => {
  const err = drawn(true, (progress) => {
    progress.show(0, 4)
    progress.show(3, 4)
    progress.show(7, null)
    progress.show(0, 0)
    progress.end()
  })
  expect(err.map((text) => text.slice(1, -3))).toEqual([
    `[${".".repeat(30)}] 0/4 0 %`,
    `[${"#".repeat(23)}${".".repeat(7)}] 3/4 75 %`,
    "7 created",
    `[${"#".repeat(30)}] 0/0 100 %`,
    "",
  ])
})

it("nothing is drawn if stderr is not a terminal", () => {
  expect(drawn(false, (progress) => progress.show(1, 2))).toEqual([])
})
