import { openPglite } from "./pglite.ts"
import type { Pool } from "./pool.ts"
import { openPostgres } from "./postgres.ts"

export type StoreLocation = { kind: "embedded"; dataDir: string } | { kind: "postgres"; url: string }

export function openPool(location: StoreLocation, onError: (error: Error) => void): Promise<Pool> {
  return location.kind === "embedded" ? openPglite(location.dataDir) : openPostgres(location.url, onError)
}
