import type { Pool, Queryable, Session } from "../connection/pool.ts"

/** A session-level lock, so Postgres frees it when the connection ends, however the process ended. */
const LOCK = "select pg_advisory_lock(hashtextextended($1, 0))"

const REGISTER = "insert into dispatchers (holder) values ($1)"

/** Shared, so that dispatchers that ask at the same time do not take each other for the owner. */
const DEAD = `select holder from dispatchers
where holder <> $1 and pg_try_advisory_xact_lock_shared(hashtextextended(holder, 0))`

const INHERIT = `
update drains set holder = $2, expires_at = now() + make_interval(secs => $3)
where holder = $1 and expires_at > now() returning endpoint_id`

const TAKE_BACK = `
with dead as (delete from dispatchers where holder = any($1::text[]))
update drains set expires_at = '-infinity' where holder = any($1::text[]) and expires_at > now() returning endpoint_id`

const channelOf = (holder: string) => `onehook_${holder}`

interface Endpoints {
  endpoint_id: string
}

/** The statements by which a dispatcher shows that it lives, and sees which others do not (ADR 0023). */
export function createDispatcherSessions(pool: Pool, leaseSeconds: number) {
  return {
    keep: (session: Session) => pool.keepSession(session),

    /**
     * Makes this connection the session of `holder`, which lives as long as the connection. Wakes that are passed on to
     * it arrive here.
     *
     * @param previous the name of the same process in its last session; `holder` gets the leases that it still has
     * @returns the endpoints of these leases
     */
    async begin(connection: Queryable, holder: string, previous: string | null): Promise<string[]> {
      await connection.query(`listen ${channelOf(holder)}`)
      await connection.query(LOCK, [holder])
      await connection.query(REGISTER, [holder])
      if (previous === null) return []
      const { rows } = await connection.query<Endpoints>(INHERIT, [previous, holder, leaseSeconds])
      return rows.map((row) => row.endpoint_id)
    },

    /** @returns the dispatchers other than `holder` whose session has ended */
    async dead(connection: Queryable, holder: string): Promise<string[]> {
      const { rows } = await connection.query<{ holder: string }>(DEAD, [holder])
      return rows.map((row) => row.holder)
    },

    /** Ends the leases of dispatchers. @returns their endpoints */
    async takeBack(holders: string[]): Promise<string[]> {
      const { rows } = await pool.query<Endpoints>(TAKE_BACK, [holders])
      return rows.map((row) => row.endpoint_id)
    },

    async end(holder: string): Promise<void> {
      await pool.query("delete from dispatchers where holder = $1", [holder])
    },

    /** Passes wakes on to another dispatcher. */
    async forward(holder: string, endpointIds: string[]): Promise<void> {
      await pool.relaxed.query("select pg_notify($1, $2)", [channelOf(holder), endpointIds.join(",")])
    },
  }
}
