import { describe, expect, it } from "vitest"
import { EVENT_NAMES } from "../../src/core/event/event.ts"
import { breaches } from "./support/contract.ts"
import { composeDraft, fixtures, fullEvents, normalizeFixture } from "./support/fixtures.ts"

const EIGHT = ["platform", "event", "timestamp", "from", "page_id", "conversation_id", "message", "signature_verified"]

describe.each(fixtures)("$name", (fixture) => {
  const normalized = normalizeFixture(fixture)

  it("becomes the expected events and faults", () => {
    expect(fullEvents(normalized)).toEqual(fixture.expected)
    expect(normalized.faults.map(({ path, reason }) => ({ path, reason }))).toEqual(fixture.faults ?? [])
  })

  it("gives events that keep the contract, the eight keys first", () => {
    for (const draft of normalized.drafts) {
      const { body, compactLength } = composeDraft(draft)
      const full = JSON.parse(body)
      const compact = JSON.parse(`${body.slice(0, compactLength)}}`)
      const keys = Object.keys(compact)
      expect(Object.entries(full).slice(0, keys.length)).toEqual(Object.entries(compact))
      const eight = EIGHT.filter((key) => key !== "message" || draft.message !== undefined)
      expect(keys).toEqual(draft.event === "event.unmapped" ? [...eight, "raw"] : eight)
      expect(breaches(full)).toBeNull()
      expect(breaches(compact)).toBeNull()
    }
  })
})

it("covers every event that a normalizer can make", () => {
  const made = new Set(fixtures.flatMap((fixture) => normalizeFixture(fixture).drafts.map(({ event }) => event)))
  // Started conversations are known by the store alone.
  expect([...made].sort()).toEqual(EVENT_NAMES.filter((name) => name !== "conversation.started").sort())
})
