import { readFileSync } from "node:fs"
import sections from "../../fixtures/taxonomy.json" with { type: "json" }
import { type Fixture, fixtures, normalizeFixture } from "./fixtures.ts"

/** One row of what Meta sends, and what shows that we read it. */
export interface Row {
  section: string
  platform: string
  kind: string
  /** What becomes of it: an event, `none` (nothing in it), or `fault`; `-` for what is no body. */
  event: string
  fixtures: readonly string[]
  /** For what is no body: the test that shows it. */
  test: { file: string; name: string } | undefined
  /** Why the row does not hold; empty where it does. */
  problems: readonly string[]
}

const byName = new Map(fixtures.map((fixture) => [fixture.name, fixture]))
const outcomes = new Map<Fixture, ReadonlySet<string>>()

/**
 * The taxonomy of Meta's webhooks, row by row, each checked against the fixtures that it names: delivery, WhatsApp,
 * Messenger, Instagram. What Meta's servers or a proxy do for themselves (TLS, client certificates, source addresses,
 * callback overrides, app mode) is no row.
 */
export const rows: readonly Row[] = sections.flatMap(({ section, platform = "", rows }) =>
  rows.map((row: { kind: string; event?: string; fixtures?: string[]; test?: Row["test"] }) => {
    const { kind, event = "-", test } = row
    const names = (row.fixtures ?? []).map((name) => `${platform}/${name}`)
    const problems = test === undefined ? problemsOf(event, names) : problemsOfTest(test)
    return { section, platform, kind, event, fixtures: names, test, problems }
  }),
)

/** Fixtures that no row names. */
export const unnamed: readonly string[] = [...byName.keys()].filter(
  (name) => !rows.some(({ fixtures }) => fixtures.includes(name)),
)

function problemsOf(event: string, names: readonly string[]): string[] {
  if (names.length === 0) return ["no fixture"]
  return names.flatMap((name) => {
    const fixture = byName.get(name)
    if (fixture === undefined) return [`no fixture ${name}`]
    return outcomesOf(fixture).has(event) ? [] : [`${name} gives no ${event}`]
  })
}

function problemsOfTest({ file, name }: NonNullable<Row["test"]>): string[] {
  const source = readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8")
  return source.includes(`"${name}"`) ? [] : [`no test "${name}" in ${file}`]
}

function outcomesOf(fixture: Fixture): ReadonlySet<string> {
  const known = outcomes.get(fixture)
  if (known !== undefined) return known
  const { drafts, faults } = normalizeFixture(fixture)
  const found = new Set<string>(drafts.map(({ event }) => event))
  if (faults.length > 0) found.add("fault")
  if (found.size === 0) found.add("none")
  outcomes.set(fixture, found)
  return found
}
