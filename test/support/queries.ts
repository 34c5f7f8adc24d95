import type { Pool, Queryable, Transactional } from "../../src/store/connection/pool.ts"

/**
 * Wraps a store to record the statements that webhooks cause, by name or else by first word. Other reads of a gateway,
 * such as those after a change notification, are not recorded.
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
