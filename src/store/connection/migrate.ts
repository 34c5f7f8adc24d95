import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { LOCK_NOT_AVAILABLE } from "../../core/errors/sqlstate.ts"
import type { Pool } from "./pool.ts"

const FOLDER = join(import.meta.dirname, "../migrations")
/** Any constant of our own: processes that start together migrate one after the other. */
const ADVISORY_LOCK = 0x0e400c

/** While a change waits for whoever reads its table, a backup for hours, all others wait behind. */
const LOCK_WITHIN_MS = 2_000
const PAUSE_MS = 2_000

/**
 * Applies what has not been applied, in one transaction; a schema newer than this code is refused. Where a table is in use
 * for long, it is tried again for as long as that lasts.
 */
export async function migrate(pool: Pool, onLocked: (error: Error) => void = () => {}): Promise<void> {
  for (;;) {
    try {
      return await applyMissing(pool)
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error
      onLocked(error as Error)
      await delay(PAUSE_MS)
    }
  }
}

async function applyMissing(pool: Pool): Promise<void> {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".sql"))
    .sort()
  await pool.longTransaction(async (connection) => {
    await connection.query(`select pg_advisory_xact_lock(${ADVISORY_LOCK})`)
    await connection.query(`set local lock_timeout = ${LOCK_WITHIN_MS}`)
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
