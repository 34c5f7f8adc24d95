import fc from "fast-check"
import type { Platform } from "../../src/core/event.ts"
import { bodyOf, fixtures, PLATFORMS } from "./fixtures.ts"

export type Path = readonly string[]

export interface Given {
  platform: Platform
  body: unknown
}

export const anyFixture = fc.constantFrom(...fixtures)
export const anyPlatform = fc.constantFrom(...PLATFORMS)

const ODD = [
  ...[null, undefined, true, "", "0", 0, -1, -0, 1e300, 2 ** 53, [], {}, [[]], [null], [{}], { id: {} }],
  ...["\u0000", "\ud800", "constructor", "__proto__", "9".repeat(400), "x".repeat(600), "2026-01-01T00:00:00Z"],
]
const odd = fc.oneof(fc.constantFrom(...ODD), fc.string(), fc.double(), fc.jsonValue())

const leaves = fixtures.map(bodyOf).flatMap((body) => pathsOf(body).map((path) => ({ path, value: at(body, path) })))
const KEYS = [...new Set(leaves.flatMap(({ path }) => path).filter((key) => !/^\d+$/.test(key)))]
const SCALARS = [...new Set(leaves.map(({ value }) => value).filter((value) => typeof value !== "object"))]
const anyKey = fc.constantFrom(...KEYS)

/** Objects of Meta's own keys and values, put together as nobody would. */
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: "small" },
    { weight: 3, arbitrary: fc.constantFrom(...SCALARS) },
    { weight: 1, arbitrary: odd },
    { weight: 3, arbitrary: fc.dictionary(anyKey, tie("tree"), { maxKeys: 6, noNullPrototype: true }) },
    { weight: 2, arbitrary: fc.array(tie("tree"), { maxLength: 4 }) },
  ),
}))

const OBJECTS = ["page", "instagram", "whatsapp_business_account", "user", undefined]
const party = fc.record({ id: fc.constantFrom("1", "2", 3, "", "90071992547409931") }, { requiredKeys: [] })
const item = fc
  .tuple(fc.record({ sender: party, recipient: party }, { requiredKeys: [] }), anyKey, tree)
  .map(([parties, key, value]) => ({ ...parties, [key]: value }))
const items = fc.oneof(fc.array(fc.oneof(item, tree), { maxLength: 4 }), tree)
const value = fc.dictionary(anyKey, items, { maxKeys: 5, noNullPrototype: true })
const change = fc.record({ field: anyKey, value: fc.oneof(value, tree) }, { requiredKeys: [] })
const entry = fc.record(
  { id: fc.constantFrom("2", "0", 5), messaging: items, standby: items, calls: items, changes: fc.array(change) },
  { requiredKeys: ["id"] },
)

/** A body by the grammar of Meta's envelopes. */
const generated: fc.Arbitrary<Given> = fc.record({
  platform: anyPlatform,
  body: fc.oneof(
    { weight: 6, arbitrary: fc.record({ object: fc.constantFrom(...OBJECTS), entry: fc.array(entry) }) },
    { weight: 1, arbitrary: tree },
    { weight: 1, arbitrary: fc.jsonValue() },
  ),
})

const change1 = fc.oneof(
  odd.map((value) => () => value),
  tree.map((value) => () => value),
  anyKey.map((key) => (old: unknown) => ({ [key]: old })),
  fc.constant((old: unknown) => [old, old]),
  fc.constant((old: unknown) => (Array.isArray(old) ? old[0] : String(old))),
  fc.constant((old: unknown) => (isObject(old) ? Object.fromEntries(Object.entries(old).slice(1)) : undefined)),
)

/** A body of Meta's in which some values are others, some are gone, and some stand elsewhere. */
export const mutated: fc.Arbitrary<Given> = fc
  .tuple(anyFixture, fc.array(fc.tuple(fc.nat(), change1), { minLength: 1, maxLength: 5 }))
  .map(([fixture, changes]) => {
    let body = bodyOf(fixture)
    for (const [index, change] of changes) {
      const paths = pathsOf(body)
      body = replaced(body, paths[index % paths.length] ?? [], change)
    }
    return { platform: fixture.platform, body }
  })

export const anyBody: fc.Arbitrary<Given> = fc.oneof(
  { weight: 3, arbitrary: mutated },
  { weight: 2, arbitrary: generated },
)

/** The text of a body with some characters lost, doubled or replaced: mostly no JSON any more. */
export const anyText: fc.Arbitrary<{ platform: Platform; text: string }> = fc
  .tuple(
    anyBody,
    fc.array(fc.tuple(fc.nat(), fc.nat(20), fc.constantFrom("", '"', "9".repeat(20), "{", "]", ",", "\\"))),
  )
  .map(([{ platform, body }, edits]) => {
    let text = JSON.stringify(body) ?? "null"
    for (const [index, length, piece] of edits) {
      const start = index % (text.length + 1)
      text = text.slice(0, start) + piece + text.slice(start + length)
    }
    return { platform, text }
  })

/** Every place of a value, its own included. */
export function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]))]
}

export function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((found, key) => (found as Record<string, unknown>)[key], value)
}

export function replaced(value: unknown, path: Path, replace: (old: unknown) => unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return replace(value)
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) }
  Object.assign(copy, { [key]: replaced((value as Record<string, unknown>)[key], rest, replace) })
  return copy
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
