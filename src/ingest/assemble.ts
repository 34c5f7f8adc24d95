import type { CommitRows, EventRow } from "../core/commit-rows.ts"
import type { Contact, Seen } from "../core/contact/contact.ts"
import { conversationStarted, identityUpdated } from "../core/contact/synthetic-events.ts"
import { type Directory, wants } from "../core/delivery/endpoint.ts"
import { compose } from "../core/event/compose.ts"
import type { Draft } from "../core/event/draft.ts"
import { eventDay } from "../core/event/event-day.ts"
import { eventId } from "../core/event/ids.ts"

export interface AssembleDeps {
  directory: Pick<Directory, "endpointsOf">
  newId(prefix: "dlv"): string
  onEvent(platform: string, event: string): void
}

/** A draft with the customer that owns its page. */
export interface Routed {
  appId: string
  customerId: string
  draft: Draft
  receivedAtMs: number
}

/** Collects the rows of one webhook, and the endpoints to wake. */
export interface Assembly {
  rows: CommitRows
  endpointIds: Set<string>
}

/**
 * Turns a routed draft into rows: one for the event, and one delivery for each endpoint that subscribes to it.
 * Synthetic events that follow from the sighting of its contact come before it.
 */
export function createAssemble(deps: AssembleDeps) {
  function add({ rows, endpointIds }: Assembly, routed: Routed, conversationId: string, isFromMeta = true): void {
    const { appId, customerId, draft, receivedAtMs } = routed
    const { platform, pageId, event } = draft
    const id = eventId(draft)
    const endpoints = deps.directory.endpointsOf(customerId).filter((endpoint) => wants(endpoint, draft))
    const keepRaw = isFromMeta && endpoints.some((endpoint) => endpoint.includeRaw)
    const composed = compose(draft, { id, conversationId, receivedAtMs, keepRaw })
    const row: EventRow = {
      customerId,
      id,
      day: eventDay(draft.timestampMs, receivedAtMs),
      appId,
      platform,
      event,
      pageId: storable(pageId),
      sender: storable(draft.from),
      conversationId,
      body: composed.body,
      compactLength: composed.compactLength,
      raw: composed.raw,
    }
    rows.events.push(row)
    for (const endpoint of endpoints) {
      rows.deliveries.push({
        id: deps.newId("dlv"),
        event: row,
        endpointId: endpoint.id,
        conversationId: endpoint.ordered && conversationId !== "" ? conversationId : null,
      })
      if (endpoint.active) endpointIds.add(endpoint.id)
    }
  }

  function addSynthetic(assembly: Assembly, routed: Routed, conversationId: string, draft: Draft): void {
    deps.onEvent(draft.platform, draft.event)
    add(assembly, { ...routed, draft }, conversationId, false)
  }

  return function assemble(
    assembly: Assembly,
    routed: Routed,
    { conversationId, aliases }: Pick<Contact, "conversationId" | "aliases">,
    seen?: Seen,
  ): void {
    const { draft } = routed
    const { identity } = draft.details
    if (identity !== undefined && aliases.length > 0) identity.aliases_known = aliases.length
    if (seen?.started) addSynthetic(assembly, routed, conversationId, conversationStarted(draft))
    if (seen?.before !== undefined && draft.event !== "identity.updated") {
      addSynthetic(assembly, routed, conversationId, identityUpdated(draft, seen.before))
    }
    add(assembly, routed, conversationId)
  }
}

/** An id as the store accepts it. Meta's ids have no control characters; in malformed ones they become U+FFFD. */
export function storable(id: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it replaces
  return /[\x00-\x1f]/.test(id) ? id.replaceAll(/[\x00-\x1f]/g, "\ufffd") : id
}
