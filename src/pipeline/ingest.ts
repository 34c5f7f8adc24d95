import { AliasTakenError } from "../core/assign-aliases.ts"
import type { Sighting } from "../core/contact.ts"
import type { Draft, Fault } from "../core/draft.ts"
import { type Body, parseBody } from "../core/json-body.ts"
import type { CommitRows } from "../core/records.ts"
import type { Resolved } from "../core/resolve-contacts.ts"
import type { Directory } from "../core/route.ts"
import { verifyMetaSignature } from "../core/signature.ts"
import { normalize } from "../platforms/index.ts"
import { createAssemble, type Routed, storable } from "./assemble.ts"
import { createBurst, inStep } from "./burst.ts"
import { erasureOf } from "./erasure-of.ts"
import type { KnownContacts } from "./known-contacts.ts"
import { inPortions } from "./portions.ts"
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

type Rest = Pick<CommitRows, "faults" | "unrouted">

const NOTHING_MORE: Rest = { faults: [], unrouted: [] }
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
    let parsed: Body
    try {
      parsed = parseBody(bytes)
    } catch (error) {
      return { kind: "not_json", reason: (error as Error).message }
    }
    await inStep()
    const { body, isCut } = parsed
    const { drafts, faults } = normalize(platform, body, { isCut, isConnected: connectedOn(app.id) })
    const unrouted: CommitRows["unrouted"] = []
    const routed = route(app.id, drafts, unrouted)
    const rest = { unrouted, faults: faults.map((fault) => toFaultRow(app.id, platform, fault)) }
    if (routed.length + unrouted.length + faults.length === 0) return { kind: "accepted" }
    const endpointIds = new Set<string>()
    const keysOf = () => routed.flatMap(contactKeysOf)
    for (let taken = turns.taken(keysOf); taken !== undefined; taken = turns.taken(keysOf)) await taken
    const recognized = routed.map(recognize)
    const news = newsOf(recognized)
    const commitAll = () => commitPortions(recognized, rest, endpointIds)
    if (news.length === 0) await commitAll()
    else
      await turns.hold(
        news.flatMap((one) => contactKeysOf(one.routed)),
        commitAll,
      )
    deps.ring(endpointIds)
    return { kind: "accepted" }
  }

  function connectedOn(appId: string) {
    return (platform: Draft["platform"], pageId: string) => directory.owners(appId, { platform, pageId }).length > 0
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

  async function commitPortions(recognized: Recognized[], rest: Rest, endpointIds: Set<string>): Promise<void> {
    const portions = inPortions(recognized, directory)
    for (const portion of portions) {
      const news = newsOf(portion)
      const more = portion === portions.at(-1) ? rest : NOTHING_MORE
      const rowsOf = (resolved?: Resolved) => rowsFor(portion, more, endpointIds, resolved)
      await (news.length === 0 ? deps.commit(rowsOf()) : commitNews(news, rowsOf))
    }
  }

  function rowsFor(
    recognized: readonly Recognized[],
    { faults, unrouted }: Rest,
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

const newsOf = (recognized: readonly Recognized[]) => recognized.filter(({ sighting }) => sighting !== undefined)

function textOf(item: unknown): string {
  try {
    return JSON.stringify(item) ?? "null"
  } catch {
    return '"(cannot be written as JSON)"'
  }
}
