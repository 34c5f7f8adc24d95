import { randomUUIDv7 } from "node:crypto"
import type { CommitRows } from "../../core/commit-rows.ts"
import { AliasTakenError, contactKey, type NewAlias } from "../../core/contact/assign-aliases.ts"
import type { ContactRow } from "../../core/contact/contact.ts"
import { ints, texts } from "../connection/arrays.ts"
import type { Queryable, Statement, Transactional } from "../connection/pool.ts"
import { eraseMessages } from "./erase-messages.ts"

/**
 * An event that is stored already is left as it is, and its deliveries are not created again. `in` is a hash lookup, a
 * join would compare each delivery with each event.
 */
const eventsStatement = ({ before = "", where = "" }) => `
with ${before} fresh as (
  insert into events (customer_id, id, day, app_id, platform, event, page_id, sender, conversation_id, received_at,
    body, compact_length, raw)
  select customer_id, id, date '1970-01-01' + day, app_id, platform, event, page_id, sender, conversation_id, now(),
    body, compact_length, raw
  from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::int[], $12::text[])
    as t (customer_id, id, day, app_id, platform, event, page_id, sender, conversation_id, body, compact_length, raw)
  ${where}
  on conflict do nothing
  returning customer_id, id, seq
), created as (
  insert into deliveries_fresh (customer_id, id, endpoint_id, event_id, event_day, event, created_at, conversation_id,
    conversation_seq)
  select customer_id, id, endpoint_id, event_id, date '1970-01-01' + event_day, event, now(), conversation_id,
    case when conversation_id is not null then
      (select seq from fresh where fresh.customer_id = t.customer_id and fresh.id = t.event_id)
    end
  from unnest($13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::int[])
    as t (id, customer_id, event_id, event, endpoint_id, conversation_id, event_day)
  where ((customer_id, event_id) in (select customer_id, id from fresh)) is true
)
select count(*)::int as fresh from fresh`

const EVENTS = eventsStatement({})

/** Unique keys decide which gateway is first with a contact, an alias or a conversation's start. */
const EVENTS_AND_CONTACTS = eventsStatement({
  before: `added as (
  insert into contact_aliases (customer_id, page_id, alias, type, scoped_id, position)
  select * from unnest($20::text[], $21::text[], $22::text[], $23::text[], $24::text[], $25::int[])
), upserted as (
  insert into contacts as c (id, customer_id, app_id, platform, page_id, scoped_id, id_type, conversation_id, name,
    username, picture_url, started_by, first_seen_at, last_seen_at)
  select t.*, now(), now()
  from unnest($26::text[]::uuid[], $27::text[], $28::text[], $29::text[], $30::text[], $31::text[], $32::text[],
    $33::text[], $34::text[], $35::text[], $36::text[], $37::text[]) as t
  on conflict (customer_id, page_id, scoped_id, platform) do update set
    app_id = excluded.app_id, active = true, last_seen_at = now(),
    name = coalesce(excluded.name, c.name), username = coalesce(excluded.username, c.username),
    picture_url = coalesce(excluded.picture_url, c.picture_url),
    started_by = coalesce(c.started_by, excluded.started_by)
  returning customer_id, started_by
),`,
  where: "where event <> 'conversation.started' or (customer_id, id) in (select customer_id, started_by from upserted)",
})

const FAULTS = `
insert into faults (id, app_id, platform, page_id, path, reason, item, received_at)
select *, now() from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])`

/** Of one app. A body can name any number of pages; the events of others are only counted by the metric. */
export const MAX_UNROUTED_PAGES = 1_000

const UNROUTED = `
with seen as (
  select app_id, platform, page_id, sum(events) as events, sum(test_events) as test_events
  from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[])
    as t (app_id, platform, page_id, events, test_events)
  group by 1, 2, 3
), ranked as (
  select seen.*, u.app_id is not null as known,
    row_number() over (partition by seen.app_id, u.app_id is not null order by seen.platform, seen.page_id) as place
  from seen left join unrouted_pages u using (app_id, platform, page_id)
)
insert into unrouted_pages as u (app_id, platform, page_id, events, test_events, first_seen_at, last_seen_at)
select app_id, platform, page_id, events, test_events, now(), now() from ranked r
where known or place <= ${MAX_UNROUTED_PAGES} - (select count(*) from unrouted_pages n where n.app_id = r.app_id)
order by 1, 2, 3
on conflict (app_id, platform, page_id) do update
  set events = u.events + excluded.events, test_events = u.test_events + excluded.test_events, last_seen_at = now()`

/**
 * Stores all rows in one transaction. The caller has merged equal events within the rows.
 *
 * @returns how many of the events were new
 * @throws AliasTakenError if another gateway was first with an alias
 */
export async function commit(pool: Transactional, rows: CommitRows): Promise<number> {
  const { faults, unrouted, erasures } = rows
  if (faults.length + unrouted.length + erasures.length === 0) return insertEvents(pool, rows)
  return pool.transaction(async (connection) => {
    const fresh = rows.events.length > 0 ? await insertEvents(connection, rows) : 0
    if (faults.length > 0) {
      const values = columns(faults, ["id", "appId", "platform", "pageId", "path", "reason", "item"])
      await connection.query({ name: "commit_faults", text: FAULTS, values })
    }
    if (unrouted.length > 0) {
      const values = [
        ...columns(unrouted, ["appId", "platform", "pageId"]),
        ints(unrouted.map(({ events }) => events)),
        ints(unrouted.map(({ testEvents }) => testEvents)),
      ]
      await connection.query({ name: "commit_unrouted", text: UNROUTED, values })
    }
    await eraseMessages(connection, erasures)
    return fresh
  })
}

export async function insertEvents(connection: Queryable, rows: CommitRows): Promise<number> {
  const { events, deliveries, contacts, aliases } = rows
  // Written out because every webhook takes this path, and reading a field by a computed name costs more.
  const values = [
    texts(events.map((e) => e.customerId)),
    texts(events.map((e) => e.id)),
    ints(events.map((e) => e.day)),
    texts(events.map((e) => e.appId)),
    texts(events.map((e) => e.platform)),
    texts(events.map((e) => e.event)),
    texts(events.map((e) => e.pageId)),
    texts(events.map((e) => e.sender)),
    texts(events.map((e) => e.conversationId)),
    texts(events.map((e) => e.body)),
    ints(events.map((e) => e.compactLength)),
    texts(events.map((e) => e.raw)),
    texts(deliveries.map((d) => d.id)),
    texts(deliveries.map((d) => d.event.customerId)),
    texts(deliveries.map((d) => d.event.id)),
    texts(deliveries.map((d) => d.event.event)),
    texts(deliveries.map((d) => d.endpointId)),
    texts(deliveries.map((d) => d.conversationId)),
    ints(deliveries.map((d) => d.event.day)),
  ]
  if (contacts.length + aliases.length === 0)
    return freshOf(connection, { name: "commit_events", text: EVENTS, values })
  values.push(...aliasValues(aliases), ...contactValues(contacts))
  const statement = { name: "commit_contacts", text: EVENTS_AND_CONTACTS, values }
  return freshOf(connection, statement).catch((error) => {
    if (error.constraint !== "contact_aliases_pkey") throw error
    throw new AliasTakenError("another gateway added an alias first", { cause: error })
  })
}

async function freshOf(connection: Queryable, statement: Statement): Promise<number> {
  const { rows } = await connection.query<{ fresh: number }>(statement)
  return rows[0]?.fresh ?? 0
}

/** Aliases and contacts are written in the order of their keys, so that gateways cannot deadlock. */
function aliasValues(aliases: readonly NewAlias[]): Buffer[] {
  const sorted = sortedBy(aliases, ({ customerId, pageId, id }) => `${customerId} ${pageId} ${id}`)
  const values = columns(sorted, ["customerId", "pageId", "id", "type", "scopedId"])
  return [...values, ints(sorted.map(({ position }) => position))]
}

function contactValues(contacts: readonly ContactRow[]): Buffer[] {
  const sorted = sortedBy(contacts, ({ customerId, platform, pageId, scopedId }) =>
    contactKey(customerId, platform, pageId, scopedId),
  )
  const names = ["name", "username", "pictureUrl", "startedBy"] as const
  return [
    texts(sorted.map(() => randomUUIDv7())),
    ...columns(sorted, ["customerId", "appId", "platform", "pageId", "scopedId", "idType", "conversationId", ...names]),
  ]
}

function columns<Row extends Record<Key, string | null>, Key extends string>(
  rows: readonly Row[],
  keys: readonly Key[],
): Buffer[] {
  return keys.map((key) => texts(rows.map((row) => row[key])))
}

function sortedBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item)
}
