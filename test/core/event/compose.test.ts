import fc from "fast-check"
import { expect, test } from "vitest"
import { compose, render } from "../../../src/core/event/compose.ts"
import type { Draft } from "../../../src/core/event/draft.ts"

const text = fc.string({ unit: "binary" })
const drafts: fc.Arbitrary<Draft> = fc.record({
  platform: fc.constantFrom("facebook", "instagram", "whatsapp"),
  event: fc.constantFrom("message.received", "account.updated", "event.unmapped"),
  timestampMs: fc.option(fc.integer({ min: 1, max: 2 ** 43 })),
  from: text,
  pageId: text,
  contact: text,
  native: text,
  message: fc.option(fc.record({ type: fc.constant("text"), body: text, id: text }), { nil: undefined }),
  details: fc.record({ direction: fc.constant("inbound"), standby: fc.boolean() }, { requiredKeys: [] }),
  raw: fc.record({ object: text, entry_id: text, field: text, item: fc.jsonValue() }),
})
const RECEIVED_AT_MS = 1_790_000_000_999
const given = { id: "evt_1", conversationId: "conv_1", receivedAtMs: RECEIVED_AT_MS }
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

test("for any event, both payloads are JSON of the same event, with the raw item if it is asked for", () => {
  fc.assert(
    fc.property(drafts, (draft) => {
      const { platform, event, message, from, pageId, details, raw } = draft
      const timestampMs = draft.timestampMs ?? RECEIVED_AT_MS
      const unmapped = event === "event.unmapped"
      const compact = plain({
        ...{ platform, event, timestamp: Math.floor(timestampMs / 1_000), from, page_id: pageId },
        ...{ conversation_id: "conv_1", message, signature_verified: true, raw: unmapped ? raw : undefined },
      })
      const more = { id: "evt_1", schema_version: "1", timestamp_ms: timestampMs, received_at: RECEIVED_AT_MS }
      const full = plain({ ...compact, ...more, ...details })

      const made = compose(draft, given)
      const rendered = (payload: "full" | "compact", item: string | null) =>
        JSON.parse(render(made.body, made.compactLength, payload, item))
      expect(rendered("compact", null)).toEqual(compact)
      expect(rendered("full", null)).toEqual(full)
      expect(rendered("compact", made.raw)).toEqual({ ...compact, raw: plain(raw) })
      expect(rendered("full", made.raw)).toEqual({ ...full, raw: plain(raw) })
      expect(compose(draft, { ...given, keepRaw: false })).toEqual({ ...made, raw: null })
    }),
  )
})
