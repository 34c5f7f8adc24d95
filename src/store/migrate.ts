import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Pool } from "./pool.ts"

const FOLDER = join(import.meta.dirname, "migrations")
/** Any constant of our own: processes that start together migrate one after the other. */
const ADVISORY_LOCK = 0x0e400c

/** Applies what has not been applied, in one transaction; a schema newer than this code is refused. */
export async function migrate(pool: Pool): Promise<void> {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".sql"))
    .sort()
  await pool.longTransaction(async (connection) => {
    await connection.query(`select pg_advisory_xact_lock(${ADVISORY_LOCK})`)
    await connection.query(
      "create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())",
    )
    const { rows } = await connection.query<{ name: string }>("select name from migrations")
    const applied = new Set(rows.map((row) => row.name))
    const unknown = [...applied].filter((name) => !files.includes(name))
    if (unknown.length > 0) {
      throw new Error(`the store was migrated by a newer Onehook (${unknown.join(", ")}); start that version instead`)
    }
    for (const name of files.filter((file) => !applied.has(file))) {
      await connection.query(readFileSync(join(FOLDER, name), "utf8"))
      await connection.query("insert into migrations (name) values ($1)", [name])
    }
  })
}
