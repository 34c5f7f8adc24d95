import { type EventRow, TEST_APP_ID } from "../core/commit-rows.ts"
import { compose } from "../core/event/compose.ts"
import type { EventName, Platform } from "../core/event/event.ts"
import { conversationId, eventId } from "../core/event/ids.ts"
import { sampleDraft } from "../platforms/samples.ts"

interface TestEventDeps {
  instanceKey: Uint8Array
  /** Different on each call, so that every test event gets its own id. */
  nonce(): string
  now(): number
}

const DAY_MS = 86_400_000

/** Creates events to test endpoints with, real except for page and people. Null if the platform has no such event. */
export function createTestEvents({ instanceKey, nonce, now }: TestEventDeps) {
  return function testEvent(customerId: string, event: EventName, platform: Platform): EventRow | null {
    const sample = sampleDraft(event, platform)
    if (!sample) return null
    const receivedAtMs = now()
    const draft = { ...sample, timestampMs: receivedAtMs, native: `${sample.native}\x1f${nonce()}` }
    const { pageId, contact } = draft
    const conversation = contact === "" ? "" : conversationId(instanceKey, { customerId, platform, pageId, contact })
    const id = eventId(draft)
    return {
      customerId,
      id,
      day: Math.floor(receivedAtMs / DAY_MS),
      appId: TEST_APP_ID,
      platform,
      event,
      pageId,
      sender: draft.from,
      conversationId: conversation,
      ...compose(draft, { id, conversationId: conversation, receivedAtMs }),
    }
  }
}
