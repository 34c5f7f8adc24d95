import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { LOCK_NOT_AVAILABLE } from "../../core/errors/sqlstate.ts"
import type { Pool } from "./pool.ts"

const FOLDER = join(import.meta.dirname, "../migrations")
/** An arbitrary constant. Processes that start together migrate one after the other. */
const ADVISORY_LOCK = 0x0e400c

/** A change that waits for a long reader (a backup, for example) blocks all other queries of its table. */
const LOCK_TIMEOUT_MS = 2_000
const PAUSE_MS = 2_000

/**
 * Applies the missing migrations in one transaction. If a table stays locked, tries again until it succeeds.
 *
 * @param onLocked called after each try that could not get a lock in time
 * @throws Error if the schema is newer than this code
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
    await connection.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
    await connection.query(
      "create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())",
    )
    const { rows } = await connection.query<{ name: string }>("select name from migrations")
    const applied = new Set(rows.map((row) => row.name))
    const unknown = [...applied].filter((name) => !files.includes(name))
    if (unknown.length > 0) {
      throw new Error(
        `the store was migrated by a newer version of Onehook (${unknown.join(", ")}); start that version instead`,
      )
    }
    for (const name of files.filter((file) => !applied.has(file))) {
      await connection.query(readFileSync(join(FOLDER, name), "utf8"))
      await connection.query("insert into migrations (name) values ($1)", [name])
    }
  })
}
