import { migrate } from "../../src/store/connection/migrate.ts"
import { openPglite } from "../../src/store/connection/pglite.ts"
import type { Pool } from "../../src/store/connection/pool.ts"
import { createMaintenanceStore } from "../../src/store/housekeeping/maintenance.ts"
import { tempDir } from "./onehook.ts"

/** Prepares a store like a process that starts on it: migrations and partitions. */
export async function prepare(pool: Pool): Promise<void> {
  await migrate(pool)
  await createMaintenanceStore(pool, 30).partition(Date.now())
}

/** Creates the embedded store that tests copy: creating one takes seconds of CPU, copying it hardly any. */
export async function makeStoreTemplate() {
  const { path, remove } = tempDir()
  const pool = await openPglite(path)
  await prepare(pool)
  await pool.close()
  return { path, remove }
}
