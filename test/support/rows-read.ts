import type { Queryable } from "../../src/store/connection/pool.ts"

const READ = `select coalesce(sum(idx_tup_fetch + seq_tup_read), 0)::int as rows from pg_stat_xact_all_tables
  where relname ~ $1`

/**
 * Counts the rows of some tables that the work reads.
 *
 * @param connection has an open transaction, in which the work runs
 * @param tables a regular expression of table names
 */
export async function rowsRead(connection: Queryable, tables: string, work: () => Promise<unknown>): Promise<number> {
  const rows = async () => (await connection.query<{ rows: number }>(READ, [tables])).rows[0]?.rows ?? Number.NaN
  const before = await rows()
  await work()
  return (await rows()) - before
}
