import fc from "fast-check"
import type { Platform } from "../../../src/core/event/event.ts"
import { bodyOf, fixtures, PLATFORMS } from "./fixtures.ts"
import { anyKey, anyPart, generatedBody, odd } from "./grammar.ts"

export type Path = readonly string[]

export interface Given {
  platform: Platform
  body: unknown
}

export const anyFixture = fc.constantFrom(...fixtures)
export const anyPlatform = fc.constantFrom(...PLATFORMS)

const generated: fc.Arbitrary<Given> = fc.record({
  platform: anyPlatform,
  body: fc.oneof({ weight: 20, arbitrary: generatedBody }, { weight: 1, arbitrary: fc.jsonValue() }),
})

const replacement = fc.oneof(
  odd.map((value) => () => value),
  anyPart.map((value) => () => value),
  anyKey.map((key) => (old: unknown) => ({ [key]: old })),
  fc.constant((old: unknown) => [old, old]),
  fc.constant((old: unknown) => (Array.isArray(old) ? old[0] : JSON.stringify(old))),
  fc.constant((old: unknown) => (isObject(old) ? Object.fromEntries(Object.entries(old).slice(1)) : undefined)),
)

/** A body of Meta's in which some values are others, some are gone, and some stand elsewhere. */
export const mutated: fc.Arbitrary<Given> = fc
  .tuple(anyFixture, fc.array(fc.tuple(fc.nat(), replacement), { minLength: 1, maxLength: 5 }))
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
