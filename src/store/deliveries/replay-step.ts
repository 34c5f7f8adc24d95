import type { Pool, Queryable } from "../connection/pool.ts"
import { isBroken } from "../connection/postgres.ts"
import { batchStatement, choiceValues } from "./replay-source.ts"
import type { ReplayRow } from "./replays.ts"
import { OPEN } from "./stages.ts"

/** The result of one step: "none" if no replay is running, "later" if none can continue now. */
export type ReplayStep = "none" | "later" | { endpointId: string; made: number }

/** A replay adds no deliveries to an endpoint that has this many open ones: they would only wait. */
const MAX_OPEN = 200
const BATCH = 100
/** How many rows one step reads if few of them are selected. */
const SCAN = 5_000
/** How long a replay pauses when its endpoint has no room. */
const FULL_PAUSE_S = 0.5
/** A step that fails is tried again after 1, 2, 4 and 8 seconds; the fifth failure in a row ends the replay. */
const MOST_FAILURES = 5

interface Batch {
  made: number
  scanned: number
  /** The position of the last row that was read. */
  last: string | null
}

/**
 * Runs one batch of one replay. Deliveries, position and count are written in one transaction that locks the replay's
 * row, so one process works on a replay at a time, and one that is killed leaves it as it was before the batch.
 *
 * A replay whose batch fails goes behind the others, and ends as failed after some tries. If the store is
 * unavailable, no replay is to blame: that error is thrown.
 *
 * @param newIds creates ids for deliveries, in ascending order
 * @param onError called with the error of a batch that failed
 */
export async function stepReplay(
  pool: Pick<Pool, "transaction" | "query">,
  newIds: (count: number) => string[],
  onError: (error: unknown) => void,
): Promise<ReplayStep> {
  let taken: string | undefined
  try {
    return await step(pool, newIds, (id) => {
      taken = id
    })
  } catch (error) {
    if (taken === undefined || isBroken(error as Error)) throw error
    onError(error)
    await pool.query(POSTPONE, [taken, MOST_FAILURES, reasonOf(error)])
    return "later"
  }
}

const POSTPONE = `
update replays set failures = failures + 1, error = $3, next_at = now() + make_interval(secs => power(2, failures)),
  status = case when failures + 1 >= $2::int then 'failed' else status end,
  finished_at = case when failures + 1 >= $2::int then now() end
where id = $1 and status = 'running'`

/** The error's kind only: its message may repeat values of a row. */
function reasonOf(error: unknown): string {
  const { name, code } = error as Error & { code?: string }
  return code === undefined ? `internal error (${name})` : `database error ${code}`
}

function step(
  pool: Pick<Pool, "transaction">,
  newIds: (count: number) => string[],
  onTaken: (id: string) => void,
): Promise<ReplayStep> {
  return pool.transaction(async (connection) => {
    const { rows } = await connection.query<ReplayRow>(
      `select * from replays where status = 'running' and next_at <= now()
       order by next_at limit 1 for update skip locked`,
    )
    const [replay] = rows
    if (!replay) return (await isAnyRunning(connection)) ? "later" : "none"
    onTaken(replay.id)
    const size = Math.min(await roomAt(connection, replay.endpoint_id), BATCH, replay.rate ?? BATCH)
    if (size === 0) {
      await connection.query("update replays set next_at = now() + make_interval(secs => $2) where id = $1", [
        replay.id,
        FULL_PAUSE_S,
      ])
      return "later"
    }
    const made = await runBatch(connection, replay, newIds(size))
    return { endpointId: replay.endpoint_id, made }
  })
}

async function runBatch(connection: Queryable, replay: ReplayRow, ids: string[]): Promise<number> {
  const values = [...choiceValues(replay), replay.position, replay.up_to, replay.id, replay.state, ids]
  const { rows } = await connection.query<Batch>(batchStatement(replay.state, SCAN), values)
  const batch = rows[0] as Batch
  const full = batch.made === ids.length
  const done = !full && batch.scanned < SCAN
  await connection.query(
    `update replays set made = made + $2, position = coalesce($3, position), failures = 0, error = null,
       next_at = now() + make_interval(secs => $4),
       status = case when $5 then 'done' else status end, finished_at = case when $5 then now() end
     where id = $1`,
    [replay.id, batch.made, batch.last, replay.rate === null ? 0 : batch.made / replay.rate, done],
  )
  return batch.made
}

/** How many deliveries the endpoint can take. None while it is not active: they would only be held. */
async function roomAt(connection: Queryable, endpointId: string): Promise<number> {
  const { rows } = await connection.query<{ room: number }>(
    `select ${MAX_OPEN} - (select count(*)::int from (
       select from deliveries where ${OPEN} and endpoint_id = $1 limit ${MAX_OPEN}
     ) open) as room
     from endpoints where id = $1 and status = 'active'`,
    [endpointId],
  )
  return rows[0]?.room ?? 0
}

async function isAnyRunning(connection: Queryable): Promise<boolean> {
  const { rows } = await connection.query("select from replays where status = 'running' limit 1")
  return rows.length > 0
}
