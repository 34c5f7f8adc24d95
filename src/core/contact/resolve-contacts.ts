import { type Assigned, assignAliases, contactKey, type NewAlias, type StoredAliases } from "./assign-aliases.ts"
import type { ContactRow, Seen, Sighting } from "./contact.ts"

export interface StoredContact {
  conversationId: string
  name: string | null
  username: string | null
  pictureUrl: string | null
  startedBy: string | null
  /** Seen long enough ago for its last sight to be worth a write. */
  stale: boolean
}

export interface StoredContacts extends StoredAliases {
  contactOf(contactKey: string): StoredContact | undefined
}

export interface Resolved {
  seen: ReadonlyMap<Sighting, Seen>
  /** What is to be written together with the events of the sightings. */
  contacts: ContactRow[]
  aliases: NewAlias[]
}

/** Whose each sighting is, given what the store has, and what of it is news to the store. */
export function resolveContacts(sightings: readonly Sighting[], stored: StoredContacts): Resolved {
  const { assigned, created } = assignAliases(sightings, stored)
  const seen = new Map<Sighting, Seen>()
  const contacts: ContactRow[] = []
  for (const [key, group] of Map.groupBy(assigned, keyOf)) {
    const before = stored.contactOf(key)
    const now = toRow(group, before)
    if (before === undefined || before.stale || hasChanged(now, group, before)) contacts.push(now)
    for (const one of group) seen.set(one.sighting, toSeen(one, now))
  }
  return { seen, contacts, aliases: created }
}

function keyOf({ sighting, scopedId }: Assigned): string {
  return contactKey(sighting.customerId, sighting.platform, sighting.pageId, scopedId)
}

/** What several sightings told of one contact: the first beginning, the last name. */
function toRow(group: readonly Assigned[], before: StoredContact | undefined): ContactRow {
  const [{ sighting, scopedId }] = group as [Assigned]
  const { customerId, appId, platform, pageId, idType } = sighting
  const told = group.map((one) => one.sighting)
  const last = (key: "name" | "username" | "pictureUrl") => told.findLast((one) => one[key] !== null)?.[key] ?? null
  const begun = told.find(({ startedBy }) => startedBy !== null)?.startedBy ?? null
  return {
    customerId,
    appId,
    platform,
    pageId,
    scopedId,
    idType,
    conversationId: before?.conversationId ?? sighting.conversationId,
    name: last("name"),
    username: last("username"),
    pictureUrl: last("pictureUrl"),
    startedBy: before?.startedBy ?? begun,
  }
}

function hasChanged(now: ContactRow, group: readonly Assigned[], before: StoredContact): boolean {
  return (
    now.startedBy !== before.startedBy ||
    // With an alias too: should the contact have been erased since it was looked up, its alias would be nobody's.
    group.some((one) => one.added || begins(one, now)) ||
    (now.name !== null && now.name !== before.name) ||
    (now.username !== null && now.username !== before.username) ||
    (now.pictureUrl !== null && now.pictureUrl !== before.pictureUrl)
  )
}

/** A conversation that began with this item is told of again when the item is; its event then has the same id. */
function begins({ sighting }: Assigned, { startedBy }: ContactRow): boolean {
  return Boolean(sighting.startedBy) && sighting.startedBy === startedBy
}

function toSeen(one: Assigned, now: ContactRow): Seen {
  const { scopedId, aliases, before, conflict } = one
  const contact = { scopedId, conversationId: now.conversationId, aliases, started: now.startedBy !== null }
  return { contact, started: begins(one, now), before, conflict }
}
