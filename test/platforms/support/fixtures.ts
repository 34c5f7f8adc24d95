import { readdirSync, readFileSync } from "node:fs"
import { compose } from "../../../src/core/event/compose.ts"
import type { Draft, Normalized } from "../../../src/core/event/draft.ts"
import type { Platform } from "../../../src/core/event/event.ts"
import { conversationId, eventId } from "../../../src/core/event/ids.ts"
import { parseJson } from "../../../src/core/json/json.ts"
import { parseBodyText } from "../../../src/core/json/json-body.ts"
import { parseKeys } from "../../../src/core/json/json-keys.ts"
import { normalize } from "../../../src/platforms/index.ts"

/** One body of Meta's, with what must become of it. */
export interface Fixture {
  name: string
  platform: Platform
  /** Where the shape was taken from. */
  source: string
  notes?: string
  /** The body; `text` instead where the exact characters matter. */
  body?: unknown
  text?: string
  /** What a reader of Meta's documentation says the body tells, one for each item. */
  facts: Fact[]
  /** The events in full. */
  expected: unknown[]
  faults?: { path: string; reason: string }[]
}

export interface Fact {
  kind: string
  direction: string
  customer_id: string | null
  business_id: string | null
  account_id: string | null
  timestamp_ms: number | null
  unique_id: string | null
  text: string | null
  [more: string]: unknown
}

export const PLATFORMS: readonly Platform[] = ["facebook", "instagram", "whatsapp"]
export const ROOT = new URL("../../fixtures/", import.meta.url)

export const fixtures: readonly Fixture[] = PLATFORMS.flatMap((platform) =>
  readdirSync(new URL(platform, ROOT))
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => {
      const content = readFileSync(new URL(`${platform}/${file}`, ROOT))
      return { ...(parseJson(content) as Omit<Fixture, "name">), name: `${platform}/${file.slice(0, -5)}`, platform }
    }),
)

function parsed({ text, body }: Pick<Fixture, "text" | "body">) {
  return text === undefined ? { body, isCut: false } : parseBodyText(text)
}

export function bodyOf(fixture: Pick<Fixture, "text" | "body">): unknown {
  return parsed(fixture).body
}

export function normalizeFixture(fixture: Pick<Fixture, "platform" | "text" | "body">): Normalized {
  const { body, isCut } = parsed(fixture)
  return normalize(fixture.platform, body, { isCut })
}

const KEY = new Uint8Array(32).fill(7)
const RECEIVED_AT_MS = 1_790_000_000_000

/** A draft as an event, for the customer and with the key of the golden values. */
export function composeDraft(draft: Draft, keepRaw = false) {
  const { platform, event, pageId, contact, native } = draft
  return compose(draft, {
    id: eventId({ platform, pageId, event, native }),
    conversationId: contact === "" ? "" : conversationId(KEY, { customerId: "t1", platform, pageId, contact }),
    receivedAtMs: RECEIVED_AT_MS,
    keepRaw,
  })
}

export function fullEvents({ drafts }: Normalized): Record<string, unknown>[] {
  return drafts.map((draft) => parseKeys(composeDraft(draft).body) as Record<string, unknown>)
}
