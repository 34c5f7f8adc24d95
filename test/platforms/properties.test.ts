import fc from "fast-check"
import { expect, it } from "vitest"
import type { Normalized } from "../../src/core/draft.ts"
import { normalize } from "../../src/platforms/index.ts"
import { breaches } from "./contract.ts"
import { bodyOf, composeDraft, fixtures, fullEvents, PLATFORMS } from "./fixtures.ts"

type Path = (string | number)[]

const anyFixture = fc.constantFrom(...fixtures)
const anyPlatform = fc.constantFrom(...PLATFORMS)
const odd = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    "",
    "0",
    0,
    -1,
    1e300,
    true,
    [],
    {},
    [[]],
    [null],
    { id: {} },
    "\u0000",
    "\ud800",
    "constructor",
    "__proto__",
  ),
  fc.string(),
  fc.double(),
  fc.jsonValue(),
)

/** Every place of a value, its own included. */
function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...at, key]))]
}

function replaced(value: unknown, path: Path, replace: (old: unknown) => unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return replace(value)
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) }
  Object.assign(copy, { [key]: replaced((value as Record<string, unknown>)[key], rest, replace) })
  return copy
}

/** A body of Meta's in which some values are others. */
const mutated = fc
  .tuple(anyFixture, fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 4 }))
  .map(([fixture, changes]) => {
    let body = bodyOf(fixture)
    for (const [at, value] of changes) {
      const paths = pathsOf(body)
      body = replaced(body, paths[at % paths.length] ?? [], () => value)
    }
    return { platform: fixture.platform, body }
  })

function whole({ drafts, faults }: Normalized) {
  return { drafts: drafts.map((draft) => [draft.pageId, draft.event, draft.native]), faults }
}

it("never throws, loses nothing, and keeps the contract, whatever the body", () => {
  fc.assert(
    fc.property(fc.oneof(mutated, fc.record({ platform: anyPlatform, body: fc.jsonValue() })), ({ platform, body }) => {
      const normalized = normalize(platform, body)
      for (const event of fullEvents(normalized)) expect(breaches(event)).toBeNull()
      for (const draft of normalized.drafts) expect(draft.pageId).not.toBe("")
    }),
    { numRuns: 5000 },
  )
})

it("makes the same of the same body", () => {
  fc.assert(
    fc.property(mutated, ({ platform, body }) => {
      expect(whole(normalize(platform, structuredClone(body)))).toEqual(whole(normalize(platform, body)))
    }),
    { numRuns: 300 },
  )
})

it("takes a batch apart into what its entries are alone, in order", () => {
  fc.assert(
    fc.property(anyPlatform, fc.array(anyFixture, { maxLength: 5 }), (platform, chosen) => {
      const bodies = chosen.filter((fixture) => fixture.platform === platform).map(bodyOf)
      const envelopes = bodies.filter((body): body is { object: string; entry: unknown[] } =>
        Array.isArray((body as { entry?: unknown } | null)?.entry),
      )
      const known = envelopes.filter(({ object }) => object !== undefined && object !== "user")
      const object = known[0]?.object
      const batch = { object, entry: known.flatMap(({ entry }) => entry) }
      const alone = known.flatMap((body) => fullEvents(normalize(platform, body)))
      if (known.length > 0) expect(fullEvents(normalize(platform, batch))).toEqual(alone)
    }),
    { numRuns: 300 },
  )
})

it("makes one event or one fault of every message in a batch of any size", () => {
  const item = fc.oneof(
    fc.record({ sender: fc.record({ id: fc.string() }), message: fc.record({ mid: fc.string(), text: fc.string() }) }),
    fc.jsonValue(),
  )
  fc.assert(
    fc.property(fc.array(fc.array(item, { maxLength: 8 }), { maxLength: 8 }), (entries) => {
      const entry = entries.map((messaging) => ({ id: "108742000000311", messaging }))
      const { drafts, faults } = normalize("facebook", { object: "page", entry })
      expect(drafts.length + faults.length).toBe(entries.flat().length)
    }),
    { numRuns: 500 },
  )
})

it("is not moved by a key that it does not know", () => {
  const mapped = fixtures.filter(
    ({ expected }) =>
      expected.length > 0 && (expected as { event: string }[]).every(({ event }) => !UNKNOWN_IS_TOLD.has(event)),
  )
  const objectPaths = (body: unknown) =>
    pathsOf(body).filter((path) => isPlainObject(at(body, path)) && isReadByUs(path))
  fc.assert(
    fc.property(fc.constantFrom(...mapped), fc.nat(), fc.jsonValue(), (fixture, index, value) => {
      const body = bodyOf(fixture)
      const paths = objectPaths(body)
      const path = paths[index % Math.max(paths.length, 1)]
      if (path === undefined) return
      const added = replaced(body, path, (old) => ({ ...(old as object), zz_unknown_key: value }))
      expect(fullEvents(normalize(fixture.platform, added))).toEqual(fixture.expected)
    }),
    { numRuns: 1000 },
  )
})

/** These carry what Meta sent as it is, or are known by it. */
const UNKNOWN_IS_TOLD = new Set([
  "event.unmapped",
  "webhook.test",
  "account.updated",
  "template.updated",
  "feedback.received",
])
const PASSED_ON = [
  "contacts",
  "pricing",
  "conversation",
  "session",
  "audio",
  "document",
  "call_recording",
  "call_transcript",
]

function isReadByUs(path: Path): boolean {
  const last = path.filter((key) => !/^\d+$/.test(String(key)))
  const passed = path.includes("calls") || path.includes("messages") || path.includes("statuses") ? PASSED_ON : []
  const insideItem = last.slice(last.findIndex((key) => key === "messages" || key === "statuses" || key === "calls"))
  return !insideItem.some(
    (key) => passed.includes(String(key)) || key === "payment_method" || key === "call_permission_reply",
  )
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((found, key) => (found as Record<string, unknown>)[key], value)
}

function isPlainObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

it("gives payload compact exactly the eight keys", () => {
  fc.assert(
    fc.property(mutated, ({ platform, body }) => {
      for (const draft of normalize(platform, body).drafts) {
        const { body: text, compactLength } = composeDraft(draft)
        const keys = Object.keys(JSON.parse(`${text.slice(0, compactLength)}}`))
        const own = draft.event === "event.unmapped" ? ["raw"] : []
        expect(keys).toEqual([
          "platform",
          "event",
          "timestamp",
          "from",
          "page_id",
          "conversation_id",
          ...(draft.message === undefined ? [] : ["message"]),
          "signature_verified",
          ...own,
        ])
      }
    }),
    { numRuns: 500 },
  )
})
