import { openPool } from "../store/connection/open.ts"
import type { Pool } from "../store/connection/pool.ts"
import type { Config } from "./config/config.ts"
import type { Logger } from "./observability/logger.ts"

const RETRY_MS = 2_000

/** Waits for a database that cannot be reached, and logs the reason at every attempt. */
export async function openStore(config: Config, logger: Logger, onError: (error: unknown) => void): Promise<Pool> {
  for (;;) {
    const pool = await openPool(config.store, onError)
    try {
      await pool.query("select 1")
      return pool
    } catch (error) {
      await pool.close().catch(() => {})
      if (pool.embedded) throw error
      const reason = error instanceof Error ? (error as { code?: string }).code || error.message : "unknown"
      logger.error({ reason }, `cannot use the database of DATABASE_URL; next attempt in ${RETRY_MS / 1000} s`)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}
