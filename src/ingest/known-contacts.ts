import { contactKey } from "../core/contact/assign-aliases.ts"
import { type Alias, beginning, type Contact, nameOf, type Seen, type Sighting } from "../core/contact/contact.ts"
import type { Draft } from "../core/event/draft.ts"

/** An entry expires after a day, so that the contact is stored again and `last_seen_at` is accurate to a day. */
const FRESH_MS = 86_400_000

interface Entry extends Contact {
  /** Ids seen with this contact that need no lookup: its own aliases, and those that belong to another contact. */
  settled: string[]
  name: string | null
  username: string | null
  freshUntilMs: number
}

/**
 * A cache of recently seen contacts, so that an event of one of them needs no query. It has two generations: when the
 * young one is full, it becomes the old one, and the entries of the former old one that were not used since are
 * dropped.
 *
 * @param maxIds ids in one generation
 */
export function createKnownContacts(maxIds: number) {
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  let erasures = 0

  function get(key: string): Entry | undefined {
    const entry = young.get(key)
    if (entry !== undefined) return entry
    const aged = old.get(key)
    if (aged !== undefined) set(key, aged)
    return aged
  }

  function set(key: string, entry: Entry): void {
    if (young.size >= maxIds) {
      old = young
      young = new Map()
    }
    young.set(key, entry)
  }

  return {
    /** The contact of a draft; undefined if it is not cached, or if the draft changes something about it. */
    find(customerId: string, draft: Draft, aliases: readonly Alias[], nowMs: number): Contact | undefined {
      const entry = get(contactKey(customerId, draft.platform, draft.pageId, aliases[0]?.id ?? draft.contact))
      if (entry === undefined || nowMs > entry.freshUntilMs) return undefined
      if (!entry.started && beginning(draft) !== "none") return undefined
      const { profile } = draft.details
      if (profile !== undefined && !isKnown(profile, entry)) return undefined
      for (let index = 1; index < aliases.length; index++) {
        if (!entry.settled.includes(aliases[index]?.id ?? "")) return undefined
      }
      return entry
    },

    /** How many erasures there were: a contact that was resolved before the last one may no longer exist. */
    erasures: () => erasures,

    /** Caches a sighting. Call it when the sighting is durable. */
    remember(sighting: Sighting, { contact }: Seen, nowMs: number): void {
      const own = contact.aliases.map(({ id }) => id)
      const { customerId, platform, pageId } = sighting
      const ids = own.length === 0 ? [contact.scopedId] : own
      const keys = ids.map((id) => contactKey(customerId, platform, pageId, id))
      // All keys of a contact share one entry, so that what is learned by one is known by all.
      const entry = keys.map(get).find((found) => found !== undefined) ?? ({ settled: [] as string[] } as Entry)
      const settled = new Set([...entry.settled, ...own, ...sighting.aliases.map(({ id }) => id)])
      Object.assign(entry, contact, {
        settled: [...settled],
        name: sighting.name ?? entry.name ?? null,
        username: sighting.username ?? entry.username ?? null,
        freshUntilMs: nowMs + FRESH_MS,
      })
      for (const key of keys) set(key, entry)
    },

    /** A contact of the customer was erased; null if it may be any customer's. */
    forget(customerId: string | null): void {
      erasures += 1
      for (const map of [young, old]) {
        for (const key of customerId === null ? [] : map.keys()) if (key.startsWith(`${customerId} `)) map.delete(key)
        if (customerId === null) map.clear()
      }
    },
  }
}

export type KnownContacts = ReturnType<typeof createKnownContacts>

function isKnown(profile: NonNullable<Draft["details"]["profile"]>, entry: Entry): boolean {
  return isSame(profile.name, entry.name) && isSame(profile.username, entry.username)
}

function isSame(given: string | undefined, known: string | null): boolean {
  return given === undefined || given === known || nameOf(given) === known
}
