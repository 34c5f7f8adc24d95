import type { Alias, Sighting } from "./contact.ts"

export interface Assigned {
  sighting: Sighting
  scopedId: string
  /** What the contact has once this sighting is taken in, without lines. */
  aliases: readonly Alias[]
  before: readonly Alias[] | undefined
  /** Some of its aliases, or lines, are new. */
  added: boolean
  conflict: boolean
}

export interface NewAlias extends Alias {
  customerId: string
  pageId: string
  scopedId: string
  /** Among the contact's, from 0. */
  position: number
}

/** What the store has: whose an alias or a line is, and all aliases that a contact has. */
export interface StoredAliases {
  ownerOf(aliasKey: string): string | undefined
  aliasesOf(contactKey: string): readonly Alias[]
}

/** Another gateway gave the alias to a contact first: looked up again, it is found there. */
export class AliasTakenError extends Error {
  override readonly name = "AliasTakenError"
}

/** Of an alias as of a contact: ids count on one page of one customer only. */
export function contactKey(customerId: string, platform: string, pageId: string, id: string): string {
  return `${customerId} ${platform} ${pageId} ${id}`
}

/**
 * Which contact each sighting is of, as if one came after the other.
 *
 * The first known alias wins, and the others that nobody has become the contact's. An alias that has an owner keeps
 * it: two contacts that turn out to be one person stay two. Where no alias is known, the contact is new.
 */
export function assignAliases(sightings: readonly Sighting[], stored: StoredAliases) {
  const owners = new Map<string, string>()
  const contacts = new Map<string, readonly Alias[]>()
  const created: NewAlias[] = []

  function assign(sighting: Sighting): Assigned {
    const { customerId, platform, pageId } = sighting
    const keyOf = (id: string) => contactKey(customerId, platform, pageId, id)
    const ownerOf = ({ id }: Alias) => owners.get(keyOf(id)) ?? stored.ownerOf(keyOf(id))
    const found = sighting.aliases.map(ownerOf)
    const scopedId = found.find((owner) => owner !== undefined) ?? sighting.scopedId
    const key = keyOf(scopedId)
    const had = contacts.get(key) ?? stored.aliasesOf(key)
    const added = sighting.aliases.filter((_, index) => found[index] === undefined)
    for (const [index, alias] of added.entries()) {
      owners.set(keyOf(alias.id), scopedId)
      created.push({ ...alias, customerId, pageId, scopedId, position: had.length + index })
    }
    const learned = added.filter(({ type }) => type !== "line")
    const aliases = learned.length > 0 ? [...had, ...learned] : had
    contacts.set(key, aliases)
    return {
      sighting,
      scopedId,
      aliases,
      before: had.length > 0 && learned.length > 0 ? had : undefined,
      added: added.length > 0,
      conflict: found.some((owner) => owner !== undefined && owner !== scopedId),
    }
  }

  return { assigned: sightings.map(assign), created }
}
