import { setTimeout as delay } from "node:timers/promises"
import { AppError } from "../../core/api/problem.ts"
import type { Horizon } from "../../core/api/stores/events.ts"
import type { Queryable } from "../connection/pool.ts"

const LAST = "select case when is_called then last_value else 0 end::float8 as last from event_seq"

/**
 * A transaction locks the sequence before it draws from it and until it has ended, so these are exactly those that may
 * still make lower numbers visible. docs/adr/0015 says why not by their ids.
 */
const UNFINISHED = `
select virtualtransaction as id from pg_locks
where locktype = 'relation' and relation = 'event_seq'::regclass and mode = 'RowExclusiveLock'
  and database = (select oid from pg_database where datname = current_database())`

const FIRST_PAUSE_MS = 2

export function createHorizon(pool: Queryable, patienceMs: number): Horizon {
  let known = 0

  async function unfinished(): Promise<string[]> {
    const { rows } = await pool.query<{ id: string }>(UNFINISHED)
    return rows.map(({ id }) => id)
  }

  /** False where a commit takes too long. */
  async function advance(): Promise<boolean> {
    // First the number, then who is still at it: the other way round, someone could draw and commit in between.
    const { rows } = await pool.query<{ last: number }>(LAST)
    const last = rows[0]?.last ?? 0
    if (last <= known) return true
    let open = await unfinished()
    for (let pauseMs = FIRST_PAUSE_MS, waitedMs = 0; open.length > 0; pauseMs *= 2) {
      if (waitedMs + pauseMs > patienceMs) return false
      await delay(pauseMs)
      waitedMs += pauseMs
      const still = new Set(await unfinished())
      open = open.filter((id) => still.has(id))
    }
    known = Math.max(known, last)
    return true
  }

  return {
    async horizon() {
      await advance()
      return known
    },
    async currentHorizon() {
      if (await advance()) return known
      throw new AppError("store_unavailable", "A commit that began earlier has not ended. Try again in a second.", {
        headers: { "retry-after": "1" },
      })
    },
  }
}
