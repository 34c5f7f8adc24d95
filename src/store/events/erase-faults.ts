import type { Pool } from "../connection/pool.ts"

/** Faults read by one statement. One may have four megabytes. */
const STEP = 200
/** Shorter ids occur in items by chance. */
const SHORTEST_ID = 5

const REMOVE = `
with step as (
  select id from faults where id > $1 order by id limit ${STEP}
), gone as (
  delete from faults f using step s
  where f.id = s.id and f.app_id = $2 and ($3::bool or f.page_id = any($4) or f.item ~ $5)
)
select max(id) as last, count(*)::int as scanned from step`

interface WhichFaults {
  appId: string
  /** All faults of the app. Otherwise those that are of one of the pages, or contain one of the ids. */
  all?: boolean
  pageIds?: readonly string[]
  ids?: readonly string[]
}

/** Deletes faults in small steps. */
export async function eraseFaults(
  pool: Pool,
  { appId, all = false, pageIds = [], ids = [] }: WhichFaults,
): Promise<void> {
  for (let after = "", more = true; more; ) {
    const values = [after, appId, all, pageIds, patternOf(ids)]
    const { rows } = await pool.longTransaction((connection) =>
      connection.query<{ last: string | null; scanned: number }>(REMOVE, values),
    )
    after = rows[0]?.last ?? ""
    more = (rows[0]?.scanned ?? 0) === STEP
  }
}

/** Matches an item that contains one of the ids as a whole; without ids, none. */
function patternOf(ids: readonly string[]): string {
  const escaped = ids.filter((id) => id.length >= SHORTEST_ID).map((id) => id.replaceAll(/[^A-Za-z0-9_]/g, "\\$&"))
  return escaped.length === 0 ? "$x" : `(^|[^[:alnum:]_])(${escaped.join("|")})([^[:alnum:]_]|$)`
}
