import { contactKey } from "../../core/contact/assign-aliases.ts"
import type { Alias, Sighting } from "../../core/contact/contact.ts"
import type { StoredContact, StoredContacts } from "../../core/contact/resolve-contacts.ts"
import { texts } from "../connection/arrays.ts"
import type { Queryable } from "../connection/pool.ts"

interface Row {
  /** Position among the requested ids, from 1. */
  n: number
  owner: string | null
  aliases: [id: string, type: Alias["type"]][] | null
  scoped_id: string | null
  conversation_id: string
  name: string | null
  username: string | null
  picture_url: string | null
  started_by: string | null
  stale: boolean
}

const FIND = `
select t.n::int as n, a.scoped_id as owner, c.scoped_id, c.conversation_id, c.name, c.username, c.picture_url,
  c.started_by, c.last_seen_at < now() - interval '12 hours' as stale,
  case when a.alias is not null then (
    select json_agg(json_build_array(x.alias, x.type) order by x.position) from contact_aliases x
    where x.customer_id = a.customer_id and x.page_id = a.page_id and x.scoped_id = a.scoped_id
      and x.type <> 'line'
  ) end as aliases
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as t (customer_id, platform, page_id, id, n)
left join contact_aliases a on a.customer_id = t.customer_id and a.page_id = t.page_id and a.alias = t.id
  and t.platform = 'whatsapp'
left join contacts c on c.customer_id = t.customer_id and c.page_id = t.page_id
  and c.scoped_id = coalesce(a.scoped_id, t.id) and c.platform = t.platform
where c.id is not null or a.alias is not null`

/** Finds the contacts of the sightings, by each of their ids. */
export async function findContacts(pool: Queryable, sightings: readonly Sighting[]): Promise<StoredContacts> {
  const requested = sightings.flatMap((sighting) => {
    const ids = sighting.aliases.length === 0 ? [sighting.scopedId] : sighting.aliases.map(({ id }) => id)
    return ids.map((id) => ({ sighting, id }))
  })
  const values = [
    ...(["customerId", "platform", "pageId"] as const).map((key) =>
      texts(requested.map(({ sighting }) => sighting[key])),
    ),
    texts(requested.map(({ id }) => id)),
  ]
  // Unnamed, so that it is planned for the tables' current sizes: a plan for empty ones scans all contacts of a page.
  const { rows } = await pool.query<Row>(FIND, values)
  const owners = new Map<string, string>()
  const aliases = new Map<string, Alias[]>()
  const contacts = new Map<string, StoredContact>()
  for (const row of rows) {
    const { sighting, id } = requested[row.n - 1] as (typeof requested)[number]
    const { customerId, platform, pageId } = sighting
    const key = contactKey(customerId, platform, pageId, row.owner ?? row.scoped_id ?? id)
    if (row.owner !== null) owners.set(contactKey(customerId, platform, pageId, id), row.owner)
    if (row.aliases !== null) aliases.set(key, row.aliases.map(toAlias))
    if (row.scoped_id !== null) contacts.set(key, toContact(row))
  }
  return {
    ownerOf: (key) => owners.get(key),
    aliasesOf: (key) => aliases.get(key) ?? [],
    contactOf: (key) => contacts.get(key),
  }
}

function toAlias([id, type]: [string, Alias["type"]]): Alias {
  return { id, type }
}

function toContact(row: Row): StoredContact {
  return {
    conversationId: row.conversation_id,
    name: row.name,
    username: row.username,
    pictureUrl: row.picture_url,
    startedBy: row.started_by,
    stale: row.stale,
  }
}
