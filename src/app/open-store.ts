import { openPool } from "../store/connection/open.ts"
import type { Pool } from "../store/connection/pool.ts"
import { StoreFault, storeFault } from "../store/connection/store-fault.ts"
import type { Config } from "./config/config.ts"
import type { Logger } from "./observability/logger.ts"

const RETRY_MS = 2_000
const UNUSABLE = "cannot use the database of DATABASE_URL"

/**
 * Waits for a database that cannot be reached yet, and logs the reason at every attempt.
 *
 * @throws Error if waiting does not help, with what to do
 */
export async function openStore(config: Config, logger: Logger, onError: (error: unknown) => void): Promise<Pool> {
  const pool = await named(() => openPool(config.store, onError))
  for (;;) {
    try {
      await pool.check()
      return pool
    } catch (error) {
      const fault = storeFault(error)
      if (!fault.heals) {
        await pool.close().catch(() => {})
        throw unusable(fault)
      }
      logger.error({ code: codeOf(error) }, `${UNUSABLE}: ${fault.message}; next attempt in ${RETRY_MS / 1000} s`)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  async function named<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw config.store.kind === "postgres" ? unusable(storeFault(error)) : error
    }
  }
}

/** For what fails between the first connection and a running process: the rights of the user, above all. */
export function unusable(error: unknown): unknown {
  const fault = storeFault(error)
  const code = codeOf(fault) ?? codeOf(fault.cause)
  return new StoreFault(`${UNUSABLE}: ${fault.message}${code === undefined ? "" : ` (${code})`}`, fault)
}

const codeOf = (error: unknown) => (error as { code?: string } | undefined)?.code
