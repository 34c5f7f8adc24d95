import type { Seen, Sighting } from "../core/contact.ts"
import type { CommitRows, Erasure } from "../core/records.ts"
import { commit } from "./commit.ts"
import { eraseMessages } from "./erase-messages.ts"
import type { Queryable, Transactional } from "./pool.ts"
import { LostRaceError, seeContacts } from "./see-contacts.ts"

interface Sighted {
  sightings: readonly Sighting[]
  erasures: readonly Erasure[]
  /** What is to be stored, once it is known whose it is. */
  rows(seen: ReadonlyMap<Sighting, Seen>): CommitRows
}

/** A commit that also finds or makes contacts, or erases messages: rare, since known contacts need neither. */
export async function commitSighted(pool: Transactional, given: Sighted): Promise<ReadonlyMap<Sighting, Seen>> {
  for (;;) {
    try {
      return await pool.transaction(async (connection) => {
        const seen = await seeContacts(connection, given.sightings)
        const within = { query: connection.query.bind(connection), transaction: run(connection) }
        await commit(within, given.rows(seen))
        await eraseMessages(connection, given.erasures)
        return seen
      })
    } catch (error) {
      // Every round, someone was first: it ends.
      if (!(error instanceof LostRaceError)) throw error
    }
  }
}

function run(connection: Queryable): Transactional["transaction"] {
  return (work) => work(connection)
}
