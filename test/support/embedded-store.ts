import { cpSync, existsSync } from "node:fs"
import { join } from "node:path"
import { inject } from "vitest"
import { openPglite } from "../../src/store/connection/pglite.ts"
import type { Pool } from "../../src/store/connection/pool.ts"
import { tempDir } from "./onehook.ts"

/** Opens a new embedded store, migrated and empty. */
export async function openEmbedded(): Promise<Pool> {
  const { path, remove } = tempDir()
  cpSync(inject("storeTemplate"), path, { recursive: true })
  const pool = await openPglite(path)
  return { ...pool, close: () => pool.close().finally(remove) }
}

/** Copies the migrated store into a data directory before its first start; an existing store is kept. */
export function copyStoreInto(dataDir: string): void {
  const store = join(dataDir, "store")
  if (!existsSync(store)) cpSync(inject("storeTemplate"), store, { recursive: true })
}
