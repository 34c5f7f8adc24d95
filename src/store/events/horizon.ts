import { setTimeout as delay } from "node:timers/promises"
import { AppError } from "../../core/api/problem.ts"
import type { Horizon } from "../../core/api/stores/events.ts"
import type { Queryable } from "../connection/pool.ts"

const LAST = "select case when is_called then last_value else 0 end::float8 as last from event_seq"

/**
 * A transaction locks the sequence before it takes a number and until it ends, so these are exactly the transactions
 * that may still make lower numbers visible. docs/adr/0015 explains why transaction ids do not work.
 */
const UNFINISHED = `
select virtualtransaction as id from pg_locks
where locktype = 'relation' and relation = 'event_seq'::regclass and mode = 'RowExclusiveLock'
  and database = (select oid from pg_database where datname = current_database())`

const FIRST_PAUSE_MS = 2

/** @param patienceMs how long to wait for commits in progress */
export function createHorizon(pool: Queryable, patienceMs: number): Horizon {
  let known = 0

  async function unfinished(): Promise<string[]> {
    const { rows } = await pool.query<{ id: string }>(UNFINISHED)
    return rows.map(({ id }) => id)
  }

  /** @returns false if a commit takes too long */
  async function advance(): Promise<boolean> {
    // The number is read first: otherwise a transaction could take a number and commit between the two queries.
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
      throw new AppError("store_unavailable", "An earlier commit has not ended. Try again in a second.", {
        headers: { "retry-after": "1" },
      })
    },
  }
}
