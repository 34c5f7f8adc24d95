import fc from "fast-check"
import { expect, it } from "vitest"
import type { Normalized } from "../../src/core/event/draft.ts"
import { normalize } from "../../src/platforms/index.ts"
import { anyFixture, anyPlatform, at, isObject, mutated, type Path, pathsOf, replaced } from "./support/arbitraries.ts"
import { bodyOf, composeDraft, fixtures, fullEvents } from "./support/fixtures.ts"
import { fuzz } from "./support/fuzz.ts"

function whole({ drafts, faults }: Normalized) {
  return { drafts: drafts.map((draft) => [draft.pageId, draft.event, draft.native]), faults }
}

it("never throws, loses nothing, and keeps the contract, whatever the body", () => {
  expect(fuzz(2000, fc.sample(fc.nat(), 1)[0] ?? 0).failure).toBeUndefined()
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
    ({ name, expected, faults }) =>
      faults === undefined &&
      // What stands beside items in an entry "0" is of a sample.
      name !== "instagram/entry-id-zero" &&
      expected.length > 0 &&
      (expected as { event: string }[]).every(({ event }) => !UNKNOWN_IS_TOLD.has(event)),
  )
  const objectPaths = (body: unknown) => pathsOf(body).filter((path) => isObject(at(body, path)) && isReadByUs(path))
  fc.assert(
    fc.property(fc.constantFrom(...mapped), fc.nat(), fc.jsonValue(), (fixture, index, value) => {
      const body = bodyOf(fixture)
      const paths = objectPaths(body)
      const path = paths[index % Math.max(paths.length, 1)]
      if (path === undefined) return
      const added = replaced(body, path, (old) => ({ ...(old as object), zz_unknown_key: value }))
      const events = fullEvents(normalize(fixture.platform, added))
      const beside = events.filter(({ event }) => event === "event.unmapped")
      expect(events.filter((event) => !beside.includes(event))).toEqual(fixture.expected)
      // Beside items it may hold some itself.
      const told = holdsItems(path, at(body, path)) && typeof value === "object" && Object.keys(value ?? {}).length > 0
      const items = beside.map(({ raw }) => (raw as { item: unknown }).item)
      expect(JSON.stringify(items)).toBe(JSON.stringify(told ? [{ zz_unknown_key: value }] : []))
    }),
    { numRuns: 1000 },
  )
})

const HOLDERS = ["entry", "value", "standby"]
const LISTS = [
  ...["messaging", "standby", "calls", "changes", "messages", "message_echoes", "statuses", "history"],
  ...["user_preferences", "user_id_update", "groups"],
]

/** An entry, the value of a WhatsApp change, or its standby. */
function holdsItems(path: Path, holder: unknown): boolean {
  const name = path.findLast((key) => !/^\d+$/.test(key))
  return HOLDERS.includes(name ?? "") && LISTS.some((list) => (holder as Record<string, unknown>)[list] !== undefined)
}

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
  "product_items",
  "response_json",
  "pricing",
  "payment",
  "conversation",
  "session",
  "audio",
  "document",
  "call_recording",
  "call_transcript",
]

/** Other answers of `interactive` are passed on as they are. */
const READ_ANSWERS = ["button_reply", "list_reply", "nfm_reply", "body"]

function isReadByUs(path: Path): boolean {
  const last = path.filter((key) => !/^\d+$/.test(key))
  const passed = path.includes("calls") || path.includes("messages") || path.includes("statuses") ? PASSED_ON : []
  const insideItem = last.slice(last.findIndex((key) => key === "messages" || key === "statuses" || key === "calls"))
  const answer = last.includes("interactive") ? last[last.indexOf("interactive") + 1] : undefined
  if (answer !== undefined && !READ_ANSWERS.includes(answer)) return false
  return !insideItem.some((key) => passed.includes(key))
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
