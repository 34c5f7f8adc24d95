import type { Draft } from "./draft.ts"

export interface Composed {
  /** Payload `full` as JSON text. */
  body: string
  /** Length in UTF-16 code units of the beginning of `body` that, with a closing brace, is payload `compact`. */
  compactLength: number
  /** The raw item as JSON text; null where it was not asked for, or is part of `body` already. */
  raw: string | null
}

export interface Given {
  /** `eventId` of the draft. */
  id: string
  /** `conversationId` of the draft; empty where `draft.contact` is. */
  conversationId: string
  /** The gateway's clock, unix ms. */
  receivedAtMs: number
  keepRaw?: boolean
}

/**
 * Draft and owner make the event as it is stored and sent; nothing stringifies it again.
 *
 * `event.unmapped` is nothing without its raw item, so there it belongs to both payloads.
 */
export function compose(draft: Draft, given: Given): Composed {
  const timestampMs = draft.timestampMs ?? given.receivedAtMs
  const unmapped = draft.event === "event.unmapped"
  const raw = unmapped || given.keepRaw !== false ? JSON.stringify(draft.raw) : null
  const message = draft.message === undefined ? "" : `,"message":${JSON.stringify(draft.message)}`
  const compact =
    `{"platform":"${draft.platform}","event":"${draft.event}","timestamp":${Math.floor(timestampMs / 1000)}` +
    `,"from":${JSON.stringify(draft.from)},"page_id":${JSON.stringify(draft.pageId)}` +
    `,"conversation_id":"${given.conversationId}"${message},"signature_verified":true` +
    (unmapped ? `,"raw":${raw}` : "")
  const details = JSON.stringify(draft.details).slice(1)
  const body =
    `${compact},"id":"${given.id}","schema_version":"1","timestamp_ms":${timestampMs}` +
    `,"received_at":${given.receivedAtMs}${details === "}" ? "" : ","}${details}`
  return { body, compactLength: compact.length, raw: unmapped ? null : raw }
}

/** What is sent to an endpoint: its payload, with the raw item where the endpoint asked for it. */
export function render(body: string, compactLength: number, payload: "full" | "compact", raw: string | null): string {
  if (payload === "full" && raw === null) return body
  const open = payload === "full" ? body.slice(0, -1) : body.slice(0, compactLength)
  return raw === null ? `${open}}` : `${open},"raw":${raw}}`
}
