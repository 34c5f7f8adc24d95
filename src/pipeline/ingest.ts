import { compose } from "../core/compose.ts"
import type { Draft, Fault } from "../core/draft.ts"
import { conversationId, eventId } from "../core/ids.ts"
import { parseJson } from "../core/json.ts"
import type { CommitRows } from "../core/records.ts"
import { type Directory, wants } from "../core/route.ts"
import { verifyMetaSignature } from "../core/signature.ts"
import { normalize } from "../platforms/index.ts"

const DAY_MS = 86_400_000
/** Past this, a platform's time is nonsense, and the day of the event is unknown. */
const LAST_DAY = 100_000

export interface IngestDeps {
  directory: Directory
  /** Resolves when the rows are durable. */
  commit(rows: CommitRows): Promise<void>
  ring(endpointIds: Iterable<string>): void
  instanceKey: Uint8Array
  newId(prefix: "dlv" | "flt"): string
  now(): number
  onEvent(platform: string, event: string): void
}

export interface Webhook {
  app: { id: string; secrets: readonly string[] }
  platform: Draft["platform"]
  bytes: Uint8Array
  /** The value of X-Hub-Signature-256. */
  signature: string | undefined
}

export type Ingested =
  | { kind: "accepted" }
  | { kind: "unsigned"; reason: "missing" | "malformed" | "mismatch" }
  | { kind: "not_json"; reason: string }

/** Verify → parse → normalize → route → commit → ring. It answers when everything is durable. */
export function createIngest(deps: IngestDeps) {
  return async function ingest({ app, platform, bytes, signature }: Webhook): Promise<Ingested> {
    const verified = verifyMetaSignature(bytes, signature, app.secrets)
    if (verified !== "valid") return { kind: "unsigned", reason: verified }
    let body: unknown
    try {
      body = parseJson(bytes)
    } catch (error) {
      return { kind: "not_json", reason: (error as Error).message }
    }
    const { drafts, faults } = normalize(platform, body)
    const rows: CommitRows = { events: [], deliveries: [], faults: [], unrouted: [] }
    const endpointIds = new Set<string>()
    const receivedAtMs = deps.now()
    for (const draft of drafts) route(app.id, draft, receivedAtMs, rows, endpointIds)
    for (const fault of faults) rows.faults.push(toFaultRow(app.id, platform, fault))
    if (rows.events.length > 0 || rows.faults.length > 0 || rows.unrouted.length > 0) await deps.commit(rows)
    deps.ring(endpointIds)
    return { kind: "accepted" }
  }

  function route(appId: string, draft: Draft, receivedAtMs: number, rows: CommitRows, endpointIds: Set<string>) {
    const { platform, pageId, event } = draft
    deps.onEvent(platform, event)
    const owners = deps.directory.owners(appId, draft)
    if (owners.length === 0) rows.unrouted.push({ appId, platform, pageId: storable(pageId), events: 1 })
    for (const customerId of owners) {
      const id = eventId({ platform, pageId, event, native: draft.native })
      const contact = draft.contact
      const conversation =
        contact === "" ? "" : conversationId(deps.instanceKey, { customerId, platform, pageId, contact })
      const endpoints = deps.directory.endpointsOf(customerId).filter((endpoint) => wants(endpoint, draft))
      const keepRaw = endpoints.some((endpoint) => endpoint.includeRaw)
      const composed = compose(draft, { id, conversationId: conversation, receivedAtMs, keepRaw })
      rows.events.push({
        customerId,
        id,
        day: dayOf(draft.timestampMs),
        appId,
        platform,
        event,
        pageId: storable(pageId),
        sender: storable(draft.from),
        conversationId: conversation,
        body: composed.body,
        compactLength: composed.compactLength,
        raw: composed.raw,
      })
      for (const endpoint of endpoints) {
        rows.deliveries.push({ id: deps.newId("dlv"), customerId, eventId: id, endpointId: endpoint.id })
        if (endpoint.active) endpointIds.add(endpoint.id)
      }
    }
  }

  function toFaultRow(appId: string, platform: string, { path, reason, item }: Fault) {
    return { id: deps.newId("flt"), appId, platform, path, reason, item: textOf(item) }
  }
}

function dayOf(timestampMs: number | null): number {
  const day = timestampMs === null ? 0 : Math.floor(timestampMs / DAY_MS)
  return day >= 0 && day <= LAST_DAY ? day : 0
}

/** Ids as the store takes them. Meta's have no control characters; what claims to be one and has some loses them. */
function storable(id: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\x00-\x1f]/.test(id) ? id.replaceAll(/[\x00-\x1f]/g, "\ufffd") : id
}

function textOf(item: unknown): string {
  try {
    return JSON.stringify(item) ?? "null"
  } catch {
    return '"(cannot be written as JSON)"'
  }
}
