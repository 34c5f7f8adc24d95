import { openPglite } from "./pglite.ts"
import type { Pool } from "./pool.ts"
import type { PoolSizes } from "./pool-sizes.ts"
import { openPostgres } from "./postgres.ts"

export type StoreLocation = { kind: "embedded"; dataDir: string } | { kind: "postgres"; url: string; sizes?: PoolSizes }

export function openPool(location: StoreLocation, onError: (error: Error) => void): Promise<Pool> {
  return location.kind === "embedded"
    ? openPglite(location.dataDir)
    : openPostgres(location.url, onError, location.sizes)
}
