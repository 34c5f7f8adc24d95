import { compose, render } from "../../core/event/compose.ts"
import type { Draft } from "../../core/event/draft.ts"
import type { Platform } from "../../core/event/event.ts"
import { conversationId, eventId } from "../../core/event/ids.ts"
import { type Body, parseBodyText } from "../../core/json/json-body.ts"
import { normalize, platformOf } from "../../platforms/index.ts"
import { type BodyText, splitBodies } from "../input/bodies.ts"

export interface NormalizeOptions {
  /** For bodies without a known `object`. */
  platform?: Platform
  payload: "full" | "compact"
  raw: boolean
}

interface NormalizedText {
  /** Events as JSON text. */
  events: string[]
  faults: { line: number; column: number; offset: number; path: string; reason: string }[]
}

/** Conversation ids depend on the gateway's key and the customer; offline these fixed values are used. */
const KEY = new Uint8Array(32)
const CUSTOMER = "local"

/** Normalizes every body of a text, in order. `nowMs` is used for events to which Meta gave no time. */
export function normalizeText(content: string, options: NormalizeOptions, nowMs: number): NormalizedText {
  const out: NormalizedText = { events: [], faults: [] }
  for (const body of splitBodies(content)) {
    const { drafts, faults } = fromBody(body, options.platform)
    for (const draft of drafts) out.events.push(toEvent(draft, options, nowMs))
    const { line, column, offset } = body
    for (const { path, reason } of faults) out.faults.push({ line, column, offset, path, reason })
  }
  return out
}

function fromBody({ text }: BodyText, platform: Platform | undefined) {
  const failed = (reason: string) => ({ drafts: [], faults: [{ path: "", reason }] })
  let parsed: Body
  try {
    parsed = parseBodyText(text)
  } catch (error) {
    return failed(error instanceof Error ? error.message : "not valid JSON")
  }
  const { body, isCut } = parsed
  const known = platformOf(body) ?? platform
  return known === undefined
    ? failed("does not name its platform in `object`; pass --platform")
    : normalize(known, body, { isCut })
}

function toEvent(draft: Draft, { payload, raw }: NormalizeOptions, nowMs: number): string {
  const { platform, pageId, contact, event, native } = draft
  const composed = compose(draft, {
    id: eventId({ platform, pageId, event, native }),
    conversationId: contact === "" ? "" : conversationId(KEY, { customerId: CUSTOMER, platform, pageId, contact }),
    receivedAtMs: nowMs,
    keepRaw: raw,
  })
  return render(composed.body, composed.compactLength, payload, composed.raw)
}
