import type { Draft } from "./draft.ts"

export interface Composed {
  /** Payload `full` as JSON text. */
  body: string
  /** Length, in UTF-16 code units, of the start of `body` that with a closing brace is payload `compact`. */
  compactLength: number
  /** The raw item as JSON text; null if it is not kept, or is part of `body` already. */
  raw: string | null
}

export interface Given {
  /** `eventId` of the draft. */
  id: string
  /** `conversationId` of the draft; empty if `draft.contact` is. */
  conversationId: string
  /** When the gateway received it, unix ms. */
  receivedAtMs: number
  keepRaw?: boolean
}

/**
 * Composes the JSON text of an event as it is stored and sent, so that it is stringified only once.
 *
 * For `event.unmapped` both payloads contain the raw item, which is all its content.
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

/** The request body for an endpoint: the payload it asked for, and the raw item unless `raw` is null. */
export function render(body: string, compactLength: number, payload: "full" | "compact", raw: string | null): string {
  if (payload === "full" && raw === null) return body
  const open = payload === "full" ? body.slice(0, -1) : body.slice(0, compactLength)
  return raw === null ? `${open}}` : `${open},"raw":${raw}}`
}
