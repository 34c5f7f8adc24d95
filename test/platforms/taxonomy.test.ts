import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { rows, unnamed } from "./support/taxonomy.ts"

it("has a fixture for every row of the taxonomy, giving the event that the row says", () => {
  expect(rows.filter(({ problems }) => problems.length > 0)).toEqual([])
})

it("has a row for every fixture", () => {
  expect(unnamed).toEqual([])
})

it("is printed by a script, which is content", async () => {
  const script = join(import.meta.dirname, "../fixtures/taxonomy.ts")
  const { stdout } = await promisify(execFile)(process.execPath, [script])
  for (const { kind } of rows) expect(stdout).toContain(kind)
  expect(stdout).toMatch(/\n\d+ rows, \d+ fixtures, 0 rows that do not hold\n$/)
})
