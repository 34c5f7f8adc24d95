import { migrate } from "../../src/store/connection/migrate.ts"
import { openPglite } from "../../src/store/connection/pglite.ts"
import type { Pool } from "../../src/store/connection/pool.ts"
import { createMaintenanceStore } from "../../src/store/housekeeping/maintenance.ts"
import { tempDir } from "./onehook.ts"

/** Makes a store what a process has made of it when it is ready. */
export async function prepare(pool: Pool): Promise<void> {
  await migrate(pool)
  await createMaintenanceStore(pool, 30).partition(Date.now())
}

/** To make an embedded store anew takes seconds of CPU, to copy one hardly any. */
export async function makeStoreTemplate() {
  const { path, remove } = tempDir()
  const pool = await openPglite(path)
  await prepare(pool)
  await pool.close()
  return { path, remove }
}
