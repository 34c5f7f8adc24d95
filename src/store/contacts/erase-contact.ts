import { setTimeout as delay } from "node:timers/promises"
import type { Pool, Queryable } from "../connection/pool.ts"
import { OPEN } from "../deliveries/stages.ts"
import { notifyErased } from "../events/erased-events.ts"
import { createHorizon } from "../events/horizon.ts"
import { type Copied, eraseCopies } from "./erase-copies.ts"

/** Notifies gateways that a contact was erased; the payload is its customer's id. */
export const ERASED_CONTACTS = "onehook_erased_contacts"

/** By then, gateways have received the notification. */
const NOTIFIED_MS = 1_000
/** By then, even a gateway that lost its connection has noticed, and its older commits have ended. */
const SETTLED_SECONDS = 60
/** How long to wait for commits in progress: longer than any takes on a healthy store. */
const PATIENCE_MS = 500
/** Rows read by one statement and events erased by one transaction: small, so that neither blocks others for long. */
const SCAN = 5_000
const ERASED_AT_ONCE = 500

interface Erasure extends Copied {
  contact_id: string
  page_id: string
  conversation_id: string
  swept_to: string | null
}

type Found = [id: string, day: string]

interface Read {
  scanned: number
  last: number | null
  found: Found[] | null
}

const BEGIN = `
with gone as (
  delete from contacts where customer_id = $1 and id = $2::uuid
  returning id, customer_id, app_id, page_id, conversation_id, scoped_id, asid, first_seen_at
), begun as (
  insert into erasures (contact_id, customer_id, app_id, page_id, conversation_id, first_seen_at, ids)
  select id, customer_id, app_id, page_id, conversation_id, first_seen_at, array_remove(array[scoped_id, asid], null)
  from gone returning *
)
select begun.*, gone.scoped_id from begun join gone on gone.id = begun.contact_id`

const INTERRUPTED = "select * from erasures where customer_id = $1 and contact_id = $2::uuid and swept_to is null"

const READ = `
select count(*)::int as scanned, max(seq)::float8 as last,
  json_agg(json_build_array(id, day::text)) filter (where page_id = $2 and conversation_id = $3) as found
from (
  select id, day, seq, page_id, conversation_id from events
  where left(customer_id, 64) = $1 and seq > $4 order by seq limit ${SCAN}
) e`

/** The conversation may have a new contact meanwhile; events since its first one belong to that contact. */
const ERASE_EVENTS = `
delete from events
where customer_id = $1 and page_id = $2 and conversation_id = $3 and id = any($4::text[]) and day = any($5::date[])
  and received_at < coalesce((
    select min(first_seen_at) from contacts where customer_id = $1 and page_id = $2 and conversation_id = $3
  ), 'infinity')
returning id`

const CANCEL = `
with canceled as (
  update deliveries set stage = 'canceled', error = 'contact_erased', due_at = null, finished_at = now()
  where ${OPEN} and endpoint_id in (select id from endpoints where customer_id = $1) and customer_id = $1
    and event_id = any($2)
  returning customer_id, event_id as id
) ${notifyErased("(select distinct customer_id, id from canceled) events")}`

/**
 * Erases the contact and its ids first, then the events of its conversation in small steps, so that no webhook waits
 * for them, and finally the events of gateways that had not received the notification yet.
 *
 * @returns false if there is no such contact
 */
export async function eraseContact(pool: Pool, customerId: string, id: string): Promise<boolean> {
  const erasure = await begin(pool, customerId, id)
  if (!erasure) return false
  const begunMs = performance.now()
  const sweptTo = await sweep(pool, erasure, 0)
  await delay(Math.max(0, begunMs + NOTIFIED_MS - performance.now()))
  const upTo = await sweep(pool, erasure, sweptTo)
  await eraseCopies(pool, erasure)
  await pool.query("update erasures set swept_to = $2 where contact_id = $1::uuid", [id, upTo])
  return true
}

/**
 * Finishes erasures that were interrupted, and erases what gateways committed that were notified late. If one fails,
 * the others go on.
 *
 * @param onError called for each erasure that failed; the next call tries it again
 */
export async function finishErasures(pool: Pool, onError: (error: unknown) => void): Promise<void> {
  const { rows } = await pool.query<Erasure>(
    "select * from erasures where erased_at < now() - make_interval(secs => $1)",
    [SETTLED_SECONDS],
  )
  for (const erasure of rows) await finish(pool, erasure).catch(onError)
}

async function finish(pool: Pool, erasure: Erasure): Promise<void> {
  await sweep(pool, erasure, Number(erasure.swept_to))
  await eraseCopies(pool, erasure)
  await pool.query("delete from erasures where contact_id = $1::uuid", [erasure.contact_id])
}

/** @returns undefined if there is neither such a contact nor an interrupted erasure of it */
function begin(pool: Pool, customerId: string, id: string): Promise<Erasure | undefined> {
  return pool.transaction(async (connection) => {
    const { rows } = await connection.query<Erasure & { scoped_id: string }>(BEGIN, [customerId, id])
    const [begun] = rows
    if (!begun) return (await connection.query<Erasure>(INTERRUPTED, [customerId, id])).rows[0]
    // A separate statement, so that it sees the aliases of a commit that held the contact's row.
    const ids = await removeAliases(connection, begun)
    await connection.query("update erasures set ids = ids || $2::text[] where contact_id = $1::uuid", [id, ids])
    await connection.query("select pg_notify($1, $2)", [ERASED_CONTACTS, customerId])
    return { ...begun, ids: [...begun.ids, ...ids] }
  })
}

/** @returns the ids among them; the line of a number is none */
async function removeAliases(connection: Queryable, contact: Erasure & { scoped_id: string }): Promise<string[]> {
  const { rows } = await connection.query<{ alias: string; type: string }>(
    "delete from contact_aliases where customer_id = $1 and page_id = $2 and scoped_id = $3 returning alias, type",
    [contact.customer_id, contact.page_id, contact.scoped_id],
  )
  return rows.filter(({ type }) => type !== "line").map(({ alias }) => alias)
}

/** @returns the position up to which no event of the contact is left or will appear */
async function sweep(pool: Pool, erasure: Erasure, after: number): Promise<number> {
  // The position is read before the events, so all events up to it are seen.
  const upTo = await createHorizon(pool, PATIENCE_MS).horizon()
  const found = await eventsOf(pool, erasure, after)
  for (let from = 0; from < found.length; from += ERASED_AT_ONCE) {
    await eraseEvents(pool, erasure, found.slice(from, from + ERASED_AT_ONCE))
  }
  return upTo
}

/** Events have no index by contact, so all of the customer's events are scanned. */
async function eventsOf(pool: Pool, { customer_id, page_id, conversation_id }: Erasure, after: number) {
  const events: Found[] = []
  for (let position = after, more = true; more; ) {
    const values = [customer_id, page_id, conversation_id, position]
    // `relaxed` scans the index in order; another plan would read and sort all remaining rows in each step.
    const { rows } = await pool.relaxed.query<Read>(READ, values)
    const { scanned = 0, last = null, found = null } = rows[0] ?? {}
    for (const event of found ?? []) events.push(event)
    position = last ?? position
    more = scanned === SCAN
  }
  return events
}

async function eraseEvents(
  pool: Pool,
  { customer_id, page_id, conversation_id }: Erasure,
  events: readonly Found[],
): Promise<void> {
  const ids = events.map(([id]) => id)
  const days = [...new Set(events.map(([, day]) => day))]
  // May take long: there may be a hundred thousand open deliveries, and they have no index by event.
  await pool.longTransaction(async (connection) => {
    const { rows } = await connection.query<{ id: string }>(ERASE_EVENTS, [
      customer_id,
      page_id,
      conversation_id,
      ids,
      days,
    ])
    if (rows.length > 0) await connection.query(CANCEL, [customer_id, rows.map(({ id }) => id)])
  })
}
