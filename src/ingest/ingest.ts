import type { CommitRows } from "../core/commit-rows.ts"
import { AliasTakenError } from "../core/contact/assign-aliases.ts"
import type { Sighting } from "../core/contact/contact.ts"
import type { Resolved } from "../core/contact/resolve-contacts.ts"
import type { Directory } from "../core/delivery/endpoint.ts"
import { verifyMetaSignature } from "../core/delivery/signature.ts"
import type { Draft, Fault } from "../core/event/draft.ts"
import { type Body, parseBody } from "../core/json/json-body.ts"
import { normalize } from "../platforms/index.ts"
import { pageOfFault } from "../platforms/page-of-fault.ts"
import { createKeyedLock } from "../scheduling/keyed-lock.ts"
import { createMicroBatch, nextStep } from "../scheduling/micro-batch.ts"
import { createWeightLimit } from "../scheduling/weight-limit.ts"
import { createAssemble, type Routed, storable } from "./assemble.ts"
import { inChunks } from "./commit-chunks.ts"
import type { KnownContacts } from "./known-contacts.ts"
import { erasureOf } from "./message-erasure.ts"
import { contactKeysOf, createRecognize, type Recognized } from "./recognize.ts"

export interface IngestDeps {
  directory: Directory
  contacts: Pick<KnownContacts, "find" | "erasures">
  /** Finds the contact of each sighting, and the contact rows to commit. */
  resolve(sightings: readonly Sighting[]): Promise<Resolved>
  /**
   * Resolves when the rows are durable.
   *
   * @throws AliasTakenError when the sightings must be resolved again
   */
  commit(rows: CommitRows): Promise<void>
  /** The sightings are durable. If a contact was erased since they were resolved, it may be one of theirs. */
  remember(resolved: Resolved, wasAnyErased: boolean): void
  wake(endpointIds: Iterable<string>): void
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

/** Bodies up to this size, which nearly all are, are processed at once. */
const SMALL_BYTES = 65_536
/** Most bytes of larger bodies that are processed at a time: as drafts and rows they take dozens of times as much. */
const LARGE_BYTES_AT_ONCE = 4 * 1024 * 1024

/** The rows of a webhook that belong to no routed event. */
type Rest = Pick<CommitRows, "faults" | "unrouted">

const NO_REST: Rest = { faults: [], unrouted: [] }
const NOTHING_RESOLVED: Resolved = { seen: new Map(), contacts: [], aliases: [] }

/**
 * Processes one webhook: verify → parse → normalize → route → recognize → resolve new or changed contacts → commit →
 * wake. Resolves when everything is durable. Throws if the store fails, so that Meta sends the webhook again.
 */
export function createIngest(deps: IngestDeps) {
  const { directory } = deps
  const recognize = createRecognize(deps)
  const assemble = createAssemble(deps)
  /** While a contact is resolved and written, its later webhooks wait, so that its events keep their order. */
  const contactLock = createKeyedLock()
  const microBatch = createMicroBatch()
  const withinLimit = createWeightLimit(LARGE_BYTES_AT_ONCE)

  return async function ingest(webhook: Webhook): Promise<Ingested> {
    await microBatch()
    const verified = verifyMetaSignature(webhook.bytes, webhook.signature, webhook.app.secrets)
    if (verified !== "valid") return { kind: "unsigned", reason: verified }
    const { byteLength } = webhook.bytes
    return byteLength <= SMALL_BYTES ? process(webhook) : withinLimit(byteLength, () => process(webhook))
  }

  async function process({ app, platform, bytes }: Webhook): Promise<Ingested> {
    let parsed: Body
    try {
      parsed = parseBody(bytes)
    } catch (error) {
      return { kind: "not_json", reason: (error as Error).message }
    }
    await nextStep()
    const { body, isCut } = parsed
    const { drafts, faults } = normalize(platform, body, { isCut, isConnected: connectedOn(app.id) })
    const unrouted: CommitRows["unrouted"] = []
    const routed = route(app.id, drafts, unrouted)
    const rest = { unrouted, faults: faults.map((fault) => toFaultRow(app.id, platform, body, fault)) }
    if (routed.length + unrouted.length + faults.length === 0) return { kind: "accepted" }
    const endpointIds = new Set<string>()
    const keysOf = () => routed.flatMap(contactKeysOf)
    for (let held = contactLock.contended(keysOf); held; held = contactLock.contended(keysOf)) await held
    const recognized = routed.map(recognize)
    const unresolved = unresolvedOf(recognized)
    const commitAll = () => commitChunks(recognized, rest, endpointIds)
    if (unresolved.length === 0) await commitAll()
    else
      await contactLock.withLock(
        unresolved.flatMap((one) => contactKeysOf(one.routed)),
        commitAll,
      )
    deps.wake(endpointIds)
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
      if (owners.length === 0) {
        const testEvents = draft.event === "webhook.test" ? 1 : 0
        unrouted.push({ appId, platform, pageId: storable(pageId), events: 1, testEvents })
      }
      return owners.map((customerId) => ({ appId, customerId, draft, receivedAtMs }))
    })
  }

  async function commitChunks(recognized: Recognized[], rest: Rest, endpointIds: Set<string>): Promise<void> {
    const chunks = inChunks(recognized, directory)
    for (const chunk of chunks) {
      const unresolved = unresolvedOf(chunk)
      const restOfChunk = chunk === chunks.at(-1) ? rest : NO_REST
      const rowsOf = (resolved?: Resolved) => rowsFor(chunk, restOfChunk, endpointIds, resolved)
      await (unresolved.length === 0 ? deps.commit(rowsOf()) : commitContacts(unresolved, rowsOf))
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
      const one = sighting && seen.get(sighting)
      assemble(assembly, routed, one?.contact ?? contact, one)
      const erasure = erasureOf(routed)
      if (erasure) rows.erasures.push(erasure)
    }
    return rows
  }

  /** Resolves again if another gateway took an alias first. Each retry implies another commit, so it ends. */
  async function commitContacts(
    unresolved: readonly Recognized[],
    rowsOf: (resolved: Resolved) => CommitRows,
  ): Promise<void> {
    const sightings = unresolved.flatMap(({ sighting }) => sighting ?? [])
    for (;;) {
      const erasuresBefore = deps.contacts.erasures()
      const resolved = await deps.resolve(sightings)
      try {
        await deps.commit(rowsOf(resolved))
        return deps.remember(resolved, deps.contacts.erasures() !== erasuresBefore)
      } catch (error) {
        if (!(error instanceof AliasTakenError)) throw error
      }
    }
  }

  function toFaultRow(appId: string, platform: string, body: unknown, { path, reason, item }: Fault) {
    const page = pageOfFault(body, path)
    const pageId = page === null ? null : storable(page)
    return { id: deps.newId("flt"), appId, platform, pageId, path, reason, item: textOf(item) }
  }
}

const unresolvedOf = (recognized: readonly Recognized[]) => recognized.filter(({ sighting }) => sighting !== undefined)

function textOf(item: unknown): string {
  try {
    return JSON.stringify(item) ?? "null"
  } catch {
    return '"(cannot be written as JSON)"'
  }
}
