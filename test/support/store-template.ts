import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createMaintenanceStore } from "../../src/store/maintenance.ts"
import { migrate } from "../../src/store/migrate.ts"
import { openPglite } from "../../src/store/pglite.ts"

/** To make an embedded store anew takes seconds of CPU, to copy one hardly any. */
export async function makeStoreTemplate() {
  const path = mkdtempSync(join(tmpdir(), "onehook-store-"))
  const pool = await openPglite(path)
  await migrate(pool)
  await createMaintenanceStore(pool, 30).partition(Date.now())
  await pool.close()
  return { path, remove: async () => rmSync(path, { recursive: true, force: true }) }
}
