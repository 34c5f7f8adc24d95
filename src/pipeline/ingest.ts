import { AliasTakenError } from "../core/assign-aliases.ts"
import type { Sighting } from "../core/contact.ts"
import type { Draft, Fault } from "../core/draft.ts"
import { parseJson } from "../core/json.ts"
import type { CommitRows } from "../core/records.ts"
import type { Resolved } from "../core/resolve-contacts.ts"
import type { Directory } from "../core/route.ts"
import { verifyMetaSignature } from "../core/signature.ts"
import { normalize } from "../platforms/index.ts"
import { createAssemble, type Routed, storable } from "./assemble.ts"
import { createBurst, inStep } from "./burst.ts"
import { erasureOf } from "./erasure-of.ts"
import type { KnownContacts } from "./known-contacts.ts"
import { contactKeysOf, createRecognize, type Recognized } from "./recognize.ts"
import { createTurns } from "./turns.ts"

export interface IngestDeps {
  directory: Directory
  contacts: Pick<KnownContacts, "find" | "forgotten">
  /** Whose the sightings are, and what of them is to be committed. */
  resolve(sightings: readonly Sighting[]): Promise<Resolved>
  /**
   * Resolves when the rows are durable.
   *
   * @throws AliasTakenError when the sightings must be resolved again
   */
  commit(rows: CommitRows): Promise<void>
  /** What the sightings told is durable. Where someone was erased since, it may be one of these. */
  remember(resolved: Resolved, someoneWasErased: boolean): void
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

const NOTHING_RESOLVED: Resolved = { seen: new Map(), contacts: [], aliases: [] }

/** Verify → parse → normalize → route → recognize (or resolve) → commit → ring. It answers when everything is durable. */
export function createIngest(deps: IngestDeps) {
  const { directory } = deps
  const recognize = createRecognize(deps)
  const assemble = createAssemble(deps)
  /** A contact that is looked up or written has the webhooks after it wait, so that its events keep their order. */
  const turns = createTurns()
  const burst = createBurst()

  return async function ingest({ app, platform, bytes, signature }: Webhook): Promise<Ingested> {
    await burst()
    const verified = verifyMetaSignature(bytes, signature, app.secrets)
    if (verified !== "valid") return { kind: "unsigned", reason: verified }
    let body: unknown
    try {
      body = parseJson(bytes)
    } catch (error) {
      return { kind: "not_json", reason: (error as Error).message }
    }
    await inStep()
    const { drafts, faults } = normalize(platform, body)
    const unrouted: CommitRows["unrouted"] = []
    const routed = route(app.id, drafts, unrouted)
    const rest = { unrouted, faults: faults.map((fault) => toFaultRow(app.id, platform, fault)) }
    if (routed.length + unrouted.length + faults.length === 0) return { kind: "accepted" }
    const endpointIds = new Set<string>()
    const keysOf = () => routed.flatMap(contactKeysOf)
    for (let taken = turns.taken(keysOf); taken !== undefined; taken = turns.taken(keysOf)) await taken
    const recognized = routed.map(recognize)
    const news = recognized.filter(({ sighting }) => sighting !== undefined)
    const rowsOf = (resolved?: Resolved) => rowsFor(recognized, rest, endpointIds, resolved)
    if (news.length === 0) await deps.commit(rowsOf())
    else
      await turns.hold(
        news.flatMap((one) => contactKeysOf(one.routed)),
        () => commitNews(news, rowsOf),
      )
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

  function rowsFor(
    recognized: readonly Recognized[],
    { faults, unrouted }: Pick<CommitRows, "faults" | "unrouted">,
    endpointIds: Set<string>,
    { seen, contacts, aliases }: Resolved = NOTHING_RESOLVED,
  ): CommitRows {
    const rows: CommitRows = { contacts, aliases, events: [], deliveries: [], erasures: [], faults, unrouted }
    const assembly = { rows, endpointIds }
    for (const { routed, contact, sighting } of recognized) {
      const of = sighting && seen.get(sighting)
      assemble(assembly, routed, of?.contact ?? contact, of)
      const erasure = erasureOf(routed)
      if (erasure) rows.erasures.push(erasure)
    }
    return rows
  }

  /** Once more whenever another gateway was first with an alias: every round someone was, so it ends. */
  async function commitNews(news: readonly Recognized[], rowsOf: (resolved: Resolved) => CommitRows): Promise<void> {
    const sightings = news.flatMap(({ sighting }) => sighting ?? [])
    for (;;) {
      const forgotten = deps.contacts.forgotten()
      const resolved = await deps.resolve(sightings)
      try {
        await deps.commit(rowsOf(resolved))
        return deps.remember(resolved, deps.contacts.forgotten() !== forgotten)
      } catch (error) {
        if (!(error instanceof AliasTakenError)) throw error
      }
    }
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
