import { tryEach } from "../../scheduling/try-each.ts"
import type { Pool, Queryable } from "../connection/pool.ts"
import { eraseFaults } from "../events/erase-faults.ts"

/** One statement, so that an interrupted removal still knows the pages. Only an active connection proves ownership. */
const DISCONNECT = `
with gone as (
  delete from connections where customer_id = $1 returning app_id, page_id, waba_id, status
)
insert into removed_pages (customer_id, app_id, page_id)
select distinct $1::text, app_id, owned from gone, unnest(array[page_id, waba_id]) as owned
where status = 'active' and owned is not null
union all
select customer_id, id, null from apps where customer_id = $1`

/** Routes nothing more to the customer, and remembers whose faults are to be deleted. */
export async function disconnect(pool: Queryable, customerId: string): Promise<void> {
  await pool.query(DISCONNECT, [customerId])
}

/** Deletes all faults of the customer's own apps, and of other apps those that are of its pages or name one. */
export async function eraseFaultsOf(pool: Pool, customerId: string): Promise<void> {
  const { rows } = await pool.query<{ app_id: string; all: boolean; ids: string[] }>(
    `select app_id, bool_or(page_id is null) as all, array_remove(array_agg(distinct page_id), null) as ids
     from removed_pages where customer_id = $1 group by app_id`,
    [customerId],
  )
  for (const { app_id, all, ids } of rows) await eraseFaults(pool, { appId: app_id, all, pageIds: ids, ids })
  await pool.query("delete from removed_pages where customer_id = $1", [customerId])
}

/** Finishes removals that were interrupted after the customer itself was removed. */
export async function eraseFaultsOfRemoved(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ customer_id: string }>(
    `select distinct customer_id from removed_pages p
     where not exists (select from customers c where c.id = p.customer_id)`,
  )
  await tryEach(rows, ({ customer_id }) => eraseFaultsOf(pool, customer_id))
}
