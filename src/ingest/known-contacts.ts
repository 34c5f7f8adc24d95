import { contactKey } from "../core/contact/assign-aliases.ts"
import { type Alias, beginning, type Contact, nameOf, type Seen, type Sighting } from "../core/contact/contact.ts"
import type { Draft } from "../core/event/draft.ts"

/** What has not been told of a contact for so long is stored again, which keeps `last_seen_at` right to a day. */
const FRESH_MS = 86_400_000

interface Entry extends Contact {
  /** Ids that need no more looking up with this contact: its aliases, and those it met that are another's. */
  settled: string[]
  name: string | null
  username: string | null
  freshUntilMs: number
}

/**
 * The contacts seen lately, so that an event of one of them costs a look into a map and no query. Two generations: when
 * the young one is full it becomes the old one, and who is not asked for until the next time is forgotten.
 *
 * @param maxIds ids in one generation
 */
export function createKnownContacts(maxIds: number) {
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  let forgotten = 0

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
    /** The contact of a draft; undefined where it is not known, or the draft has something new to tell of it. */
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

    /** How often someone was forgotten: who was looked up before the last time may be no more. */
    forgotten: () => forgotten,

    /** Call when it is durable. */
    remember(sighting: Sighting, { contact }: Seen, nowMs: number): void {
      const own = contact.aliases.map(({ id }) => id)
      const { customerId, platform, pageId } = sighting
      const ids = own.length === 0 ? [contact.scopedId] : own
      const keys = ids.map((id) => contactKey(customerId, platform, pageId, id))
      // One entry under all its keys, so that what is learned by one is known by the others.
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

    /** A contact of the customer is no more; null: anyone's may be. */
    forget(customerId: string | null): void {
      forgotten += 1
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

function isSame(told: string | undefined, known: string | null): boolean {
  return told === undefined || told === known || nameOf(told) === known
}
