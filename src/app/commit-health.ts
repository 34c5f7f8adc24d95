import { QUERY_CANCELED } from "../core/errors/sqlstate.ts"
import type { Pool } from "../store/connection/pool.ts"
import { isBroken } from "../store/connection/postgres.ts"

const READY_WITHIN_MS = 2_000
/** Health checks of several load balancers share one write. */
const KNOWN_FOR_MS = 1_000
/** A disk may have room for the probe and none for a webhook, so the webhooks' own failures count this long. */
const FAILED_FOR_MS = 5_000
/** A commit that waits for the disk, and leaves no row behind. */
const PROBE = "select pg_logical_emit_message(true, 'onehook', 'ready')"

/**
 * Whether webhooks can be committed now: asked of the connections that commit them, by a write, and of the last
 * commits.
 *
 * @param nowMs of a clock that never goes back
 * @returns the same pool, whose commits are watched
 */
export function watchCommits(pool: Pool, nowMs: () => number) {
  let failedAtMs = Number.NEGATIVE_INFINITY
  let asked: { atMs: number; ready: Promise<boolean> } | undefined

  async function watched<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      // One that takes too long says nothing about the others.
      const canceled = (error as { code?: string }).code === QUERY_CANCELED
      if (isBroken(error as Error) && !canceled) failedAtMs = nowMs()
      throw error
    }
  }

  function probe(): Promise<boolean> {
    const late = new Promise<false>((resolve) => setTimeout(resolve, READY_WITHIN_MS, false).unref())
    const written = pool.commits.query(PROBE).then(
      () => true,
      () => false,
    )
    return Promise.race([written, late])
  }

  return {
    pool: {
      ...pool,
      commits: {
        query: (statement, values) => watched(pool.commits.query(statement, values)),
        transaction: (work) => watched(pool.commits.transaction(work)),
      },
    } as Pool,
    async ready(): Promise<boolean> {
      if (asked === undefined || nowMs() - asked.atMs > KNOWN_FOR_MS) asked = { atMs: nowMs(), ready: probe() }
      return (await asked.ready) && nowMs() - failedAtMs > FAILED_FOR_MS
    },
  }
}
