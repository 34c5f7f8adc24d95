import { randomUUIDv7 } from "node:crypto"
import { type Assigned, assignAliases, contactKey, type NewAlias } from "../core/assign-aliases.ts"
import type { Alias, Seen, Sighting } from "../core/contact.ts"
import { ints, texts } from "./arrays.ts"
import type { Queryable } from "./pool.ts"

interface Stored {
  scoped_id: string
  conversation_id: string
  name: string | null
  username: string | null
  picture_url: string | null
  started_by: string | null
  /** Seen long enough ago for `last_seen_at` to be worth a write. */
  stale: boolean
}

interface ReadRow extends Stored {
  /** Position among the ids asked for, from 1. */
  n: number
  owner: string | null
  aliases: [id: string, type: Alias["type"]][] | null
}

const READ = `
select t.n::int as n, a.scoped_id as owner, c.scoped_id, c.conversation_id, c.name, c.username, c.picture_url,
  c.started_by, c.last_seen_at < now() - interval '12 hours' as stale,
  case when a.alias is not null then (
    select json_agg(json_build_array(x.alias, x.type) order by x.position) from contact_aliases x
    where x.customer_id = a.customer_id and x.page_id = a.page_id and x.scoped_id = a.scoped_id
  ) end as aliases
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as t (customer_id, platform, page_id, id, n)
left join contact_aliases a on a.customer_id = t.customer_id and a.page_id = t.page_id and a.alias = t.id
  and t.platform = 'whatsapp'
left join contacts c on c.customer_id = t.customer_id and c.page_id = t.page_id
  and c.scoped_id = coalesce(a.scoped_id, t.id) and c.platform = t.platform
where c.id is not null or a.alias is not null`

const ADD_ALIASES = `
insert into contact_aliases (customer_id, page_id, alias, type, scoped_id, position)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[])
on conflict do nothing returning alias`

const WRITE = `
insert into contacts as c (id, customer_id, app_id, platform, page_id, scoped_id, id_type, conversation_id, name, username,
  picture_url, started_by, first_seen_at, last_seen_at)
select t.*, now(), now()
from unnest($1::text[]::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
  $10::text[], $11::text[], $12::text[]) as t
on conflict (customer_id, page_id, scoped_id, platform) do update set
  app_id = excluded.app_id, active = true, last_seen_at = now(),
  name = coalesce(excluded.name, c.name), username = coalesce(excluded.username, c.username),
  picture_url = coalesce(excluded.picture_url, c.picture_url), started_by = coalesce(c.started_by, excluded.started_by)
returning customer_id, platform, page_id, scoped_id, conversation_id, started_by`

/** Another gateway was first with an alias. Starting the transaction over finds it there. */
export class LostRaceError extends Error {
  override readonly name = "LostRaceError"
}

/**
 * Finds or makes the contacts of sightings, within the transaction that stores their events: who is first, and what began
 * a conversation, is decided by unique keys, so it holds among all gateways, and only if the events are stored too.
 *
 * @throws LostRaceError when the transaction must be started over
 */
export async function seeContacts(
  connection: Queryable,
  sightings: readonly Sighting[],
): Promise<ReadonlyMap<Sighting, Seen>> {
  if (sightings.length === 0) return new Map()
  const { owners, aliases, contacts } = await read(connection, sightings)
  const { assigned, created } = assignAliases(sightings, {
    ownerOf: (key) => owners.get(key),
    aliasesOf: (key) => aliases.get(key) ?? [],
  })
  if (created.length > 0) await addAliases(connection, created)
  const groups = Map.groupBy(assigned, keyOf)
  const changed = [...groups].filter(([key, group]) => hasNews(group, contacts.get(key)))
  for (const [key, row] of await write(connection, changed)) contacts.set(key, row)
  return new Map(assigned.map((one) => [one.sighting, toSeen(one, contacts.get(keyOf(one)))]))
}

async function read(connection: Queryable, sightings: readonly Sighting[]) {
  const asked = sightings.flatMap((sighting) => {
    const ids = sighting.aliases.length === 0 ? [sighting.scopedId] : sighting.aliases.map(({ id }) => id)
    return ids.map((id) => ({ sighting, id }))
  })
  const values = [
    ...(["customerId", "platform", "pageId"] as const).map((key) => texts(asked.map((one) => one.sighting[key]))),
    texts(asked.map(({ id }) => id)),
  ]
  // Without a name, so that it is planned for the tables as they are: a plan for empty ones walks all of a page's contacts.
  const { rows } = await connection.query<ReadRow>(READ, values)
  const owners = new Map<string, string>()
  const aliases = new Map<string, Alias[]>()
  const contacts = new Map<string, Omit<Stored, "stale"> & { stale?: boolean }>()
  for (const row of rows) {
    const { sighting, id } = asked[row.n - 1] as (typeof asked)[number]
    const { customerId, platform, pageId } = sighting
    const key = contactKey(customerId, platform, pageId, row.owner ?? row.scoped_id)
    if (row.owner !== null) owners.set(contactKey(customerId, platform, pageId, id), row.owner)
    if (row.aliases !== null)
      aliases.set(
        key,
        row.aliases.map(([id, type]) => ({ id, type })),
      )
    if (row.scoped_id !== null) contacts.set(key, row)
  }
  return { owners, aliases, contacts }
}

/** In the order of their key, so that gateways wait for each other and never in a circle. */
async function addAliases(connection: Queryable, created: NewAlias[]): Promise<void> {
  const sorted = sortedBy(created, ({ customerId, pageId, id }) => `${customerId} ${pageId} ${id}`)
  const values = [
    ...(["customerId", "pageId", "id", "type", "scopedId"] as const).map((key) => texts(sorted.map((a) => a[key]))),
    ints(sorted.map(({ position }) => position)),
  ]
  const { rows } = await connection.query({ name: "add_aliases", text: ADD_ALIASES, values })
  if (rows.length < created.length) throw new LostRaceError("another gateway added an alias first")
}

type Known = Awaited<ReturnType<typeof read>>["contacts"] extends Map<string, infer C> ? C : never

function hasNews(group: readonly Assigned[], stored: Known | undefined): boolean {
  if (stored === undefined || stored.stale) return true
  return group.some(
    ({ sighting }) =>
      (sighting.startedBy !== null && stored.started_by === null) ||
      (sighting.name !== null && sighting.name !== stored.name) ||
      (sighting.username !== null && sighting.username !== stored.username) ||
      (sighting.pictureUrl !== null && sighting.pictureUrl !== stored.picture_url),
  )
}

async function write(connection: Queryable, groups: [key: string, group: Assigned[]][]): Promise<Map<string, Known>> {
  if (groups.length === 0) return new Map()
  const rows = sortedBy(groups, ([key]) => key).map(([, group]) => toRow(group))
  const values = Array.from({ length: 12 }, (_, column) => texts(rows.map((row) => row[column] ?? null)))
  const written = await connection.query<Known & { customer_id: string; platform: string; page_id: string }>({
    name: "write_contacts",
    text: WRITE,
    values,
  })
  return new Map(
    written.rows.map((row) => [contactKey(row.customer_id, row.platform, row.page_id, row.scoped_id), row]),
  )
}

/** What several sightings told of one contact: the first beginning, the last name. */
function toRow(group: readonly Assigned[]): (string | null)[] {
  const [{ sighting, scopedId }] = group as [Assigned]
  const { customerId, appId, platform, pageId, idType, conversationId } = sighting
  const told = group.map((one) => one.sighting)
  const last = (key: "name" | "username" | "pictureUrl") => told.findLast((one) => one[key] !== null)?.[key] ?? null
  const startedBy = told.find((one) => one.startedBy !== null)?.startedBy ?? null
  const names = [last("name"), last("username"), last("pictureUrl"), startedBy]
  return [randomUUIDv7(), customerId, appId, platform, pageId, scopedId, idType, conversationId, ...names]
}

function toSeen({ sighting, scopedId, aliases, before, conflict }: Assigned, stored: Known | undefined): Seen {
  if (stored === undefined) throw new Error("a contact was neither found nor written")
  const { conversation_id: conversationId, started_by } = stored
  const contact = { scopedId, conversationId, aliases, started: started_by !== null }
  // A conversation that began with this item is told of again when the item is; its event then has the same id.
  const started = Boolean(sighting.startedBy) && sighting.startedBy === started_by
  return { contact, started, before, conflict }
}

function keyOf({ sighting, scopedId }: Assigned): string {
  return contactKey(sighting.customerId, sighting.platform, sighting.pageId, scopedId)
}

function sortedBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item)
}
