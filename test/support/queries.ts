import type { Pool, Queryable, Transactional } from "../../src/store/connection/pool.ts"

/**
 * The same store, with the names of the statements that webhooks give it: what has no name is there by its first word.
 * What a gateway reads beside them, when it hears of a change, is not theirs.
 */
export function countQueries(pool: Pool): { pool: Pool; names: string[] } {
  const names: string[] = []
  const counted = (queryable: Queryable): Queryable => ({
    query(statement, values) {
      names.push(typeof statement === "string" ? (statement.split(/\s+/)[0] ?? "") : statement.name)
      return queryable.query(statement, values)
    },
  })
  const all = (store: Transactional): Transactional => ({
    ...counted(store),
    transaction: (work) => store.transaction((connection) => work(counted(connection))),
  })
  return { names, pool: { ...pool, commits: all(pool.commits) } }
}
