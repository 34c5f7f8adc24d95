import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { EVENT_NAMES } from "../../src/core/event/event.ts"
import { breaches } from "../platforms/support/contract.ts"
import { withExamples } from "./examples.ts"

const page = readFileSync(new URL("../../docs/reference/events.md", import.meta.url), "utf8")
const blocks = [...page.matchAll(/```json\n([\s\S]*?)\n```/g)].map(([, text = ""]) => JSON.parse(text))

it("shows examples exactly as the fixtures give them (node test/fixtures/update.ts writes them)", () => {
  expect(withExamples(page)).toBe(page)
})

it("has an example of every event", () => {
  const shown = new Set(blocks.map(({ event }) => event))
  expect(EVENT_NAMES.filter((name) => !shown.has(name))).toEqual([])
})

it("has one section for every event", () => {
  const titles = [...page.matchAll(/^### ([a-z_]+\.[a-z_]+)$/gm)].map(([, title = ""]) => title)
  expect(titles.sort()).toEqual([...EVENT_NAMES].sort())
})

it("has only schema-valid examples", () => {
  for (const block of blocks) expect(breaches(block)).toBeNull()
})

it("documents the source of every key of an example", () => {
  const keys = new Set(blocks.flatMap((event) => Object.keys(event)))
  expect([...keys].filter((key) => !page.includes(`| \`${key}\` |`))).toEqual([])
})
