import type { Seen, Sighting } from "../core/contact.ts"
import type { Draft, Fault } from "../core/draft.ts"
import { parseJson } from "../core/json.ts"
import type { CommitRows, Erasure } from "../core/records.ts"
import type { Directory } from "../core/route.ts"
import { verifyMetaSignature } from "../core/signature.ts"
import { normalize } from "../platforms/index.ts"
import { createAssemble, type Routed, storable } from "./assemble.ts"
import { erasureOf } from "./erasure-of.ts"
import type { KnownContacts } from "./known-contacts.ts"
import { createRecognize, type Recognized } from "./recognize.ts"

export interface IngestDeps {
  directory: Directory
  contacts: Pick<KnownContacts, "find">
  /** Resolves when the webhook is durable. */
  commit(webhook: Commit): Promise<void>
  ring(endpointIds: Iterable<string>): void
  instanceKey: Uint8Array
  newId(prefix: "dlv" | "flt"): string
  now(): number
  onEvent(platform: string, event: string): void
}

/** What one webhook brings into the store. */
export interface Commit extends Pick<CommitRows, "faults" | "unrouted"> {
  /** Contacts that are new here, or have something new to tell: their conversations are the store's to say. */
  sightings: readonly Sighting[]
  /** Call within the transaction, with what came of the sightings; again if that has to start over. */
  rows(seen: ReadonlyMap<Sighting, Seen>): CommitRows
  erasures: readonly Erasure[]
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

/** Verify → parse → normalize → route → recognize → commit → ring. It answers when everything is durable. */
export function createIngest(deps: IngestDeps) {
  const { directory } = deps
  const recognize = createRecognize(deps)
  const assemble = createAssemble(deps)

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
    const unrouted: CommitRows["unrouted"] = []
    const recognized = route(app.id, drafts, unrouted).map(recognize)
    const endpointIds = new Set<string>()
    const rest = { unrouted, faults: faults.map((fault) => toFaultRow(app.id, platform, fault)) }
    await commit(recognized, rest, endpointIds)
    deps.ring(endpointIds)
    return { kind: "accepted" }
  }

  function route(appId: string, drafts: Draft[], unrouted: CommitRows["unrouted"]): Routed[] {
    const receivedAtMs = deps.now()
    return drafts.flatMap((draft) => {
      const { platform, pageId } = draft
      deps.onEvent(platform, draft.event)
      const owners = directory.owners(appId, draft)
      if (owners.length === 0) unrouted.push({ appId, platform, pageId: storable(pageId), events: 1 })
      return owners.map((customerId) => ({ appId, customerId, draft, receivedAtMs }))
    })
  }

  async function commit(
    recognized: readonly Recognized[],
    rest: Pick<CommitRows, "faults" | "unrouted">,
    endpointIds: Set<string>,
  ): Promise<void> {
    if (recognized.length + rest.faults.length + rest.unrouted.length === 0) return
    const rows = (seen?: ReadonlyMap<Sighting, Seen>): CommitRows => {
      const assembly = { rows: { events: [], deliveries: [], ...rest }, endpointIds }
      for (const { routed, contact, sighting } of recognized) {
        const of = sighting && seen?.get(sighting)
        assemble(assembly, routed, of?.contact ?? contact, of)
      }
      return assembly.rows
    }
    const sightings = recognized.flatMap(({ sighting }) => sighting ?? [])
    const erasures = recognized.flatMap(({ routed }) => erasureOf(routed) ?? [])
    if (sightings.length > 0) return deps.commit({ ...rest, sightings, rows, erasures })
    // While another batch is written, so that the next one finds its rows ready.
    const ready = rows()
    return deps.commit({ ...rest, sightings, rows: () => ready, erasures })
  }

  function toFaultRow(appId: string, platform: string, { path, reason, item }: Fault) {
    return { id: deps.newId("flt"), appId, platform, path, reason, item: textOf(item) }
  }
}

function textOf(item: unknown): string {
  try {
    return JSON.stringify(item) ?? "null"
  } catch {
    return '"(cannot be written as JSON)"'
  }
}
