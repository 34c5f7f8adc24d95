import { join } from "node:path"
import { LOCK_NOT_AVAILABLE } from "../core/errors/sqlstate.ts"
import { openPostgresWakeQueue, openRedisWakeQueue } from "../queue/wake-queue.ts"
import { migrate } from "../store/connection/migrate.ts"
import { openPool } from "../store/connection/open.ts"
import type { Pool } from "../store/connection/pool.ts"
import { openDirectory } from "../store/directory/directory.ts"
import { instanceKey } from "../store/directory/instance-key.ts"
import { createVault } from "../store/directory/vault.ts"
import { createMaintenanceStore } from "../store/housekeeping/maintenance.ts"
import { type Config, parseEncryptionKey } from "./config.ts"
import { createdSecret, damaged, lockDataDir, newAdminKey, newEncryptionKey, newToken } from "./data-directory.ts"
import { createIdSource } from "./id-source.ts"
import { atMostEvery, createLogger } from "./logger.ts"
import { createMetrics } from "./metrics.ts"

const STORE_RETRY_MS = 2_000
/** A server that is away fails hundreds of calls a second; the log says it once in this time. */
const QUIET_MS = 5_000
const UNREADABLE = {
  endpoint:
    "secrets of an endpoint cannot be opened, so its deliveries wait: start with the key that sealed them in " +
    "ENCRYPTION_KEYS, or set its headers anew, then rotate its secret with overlap_hours 0",
  app:
    "secrets of an app cannot be opened, so its webhooks are refused and Meta sends them again: start with the key " +
    "that sealed them in ENCRYPTION_KEYS, or set its secrets and its verify token anew",
}

/**
 * Everything that the roles share, opened in order. `close` undoes it, last in, first out, also when opening fails
 * half-way.
 */
export async function openContext(config: Config) {
  const logger = createLogger(config.logLevel)
  const metrics = createMetrics()
  const closers: (() => Promise<void> | void)[] = []
  const onClose = (close: () => Promise<void> | void) => void closers.push(close)
  async function close() {
    for (let next = closers.pop(); next; next = closers.pop()) {
      await Promise.resolve(next()).catch((error) => logger.error({ err: error }, "closing failed"))
    }
  }

  try {
    const secrets = readSecrets(config, onClose)
    const logStoreError = atMostEvery(QUIET_MS, Date.now, (error: unknown, leftOut) => {
      logger.error({ err: error, left_out: leftOut }, "the store failed")
    })
    const onStoreError = (error: unknown) => {
      metrics.storeErrors.inc()
      logStoreError(error)
    }
    const pool = await openStore(config, logger, onStoreError)
    onClose(() => pool.close())
    const maintenance = createMaintenanceStore(pool, config.retentionDays)
    await migrate(pool, (error) =>
      logger.warn(
        { err: error },
        "the tables cannot be updated while someone reads them for long, a backup perhaps; trying again",
      ),
    )
    await maintenance.partition(Date.now()).catch((error) => {
      if (error.code !== LOCK_NOT_AVAILABLE) throw error
      onStoreError(error)
    })
    const vault = createVault(secrets.encryptionKeys)
    // Of all secrets the first to be opened: with keys of another store nothing can, and that is said once.
    const ownKey = await instanceKey(pool, vault)
    const directory = await openDirectory(pool, vault, onStoreError, ({ kind, id, reason }) =>
      logger.error({ [`${kind}_id`]: id, reason }, UNREADABLE[kind]),
    )
    onClose(() => directory.close())
    const logQueueError = atMostEvery(QUIET_MS, Date.now, (error: unknown, leftOut) => {
      logger.warn(
        { err: error, left_out: leftOut },
        "the wake queue failed; until it is back, what is due is looked for every second",
      )
    })
    const onQueueError = (error: unknown) => {
      metrics.queueErrors.inc()
      logQueueError(error)
    }
    const queue = config.redis
      ? await openRedisWakeQueue(config.redis, onQueueError, (warning) => logger.warn(warning))
      : await openPostgresWakeQueue(await pool.queuePool(), onQueueError)
    onClose(() => queue.close())
    return {
      config,
      logger,
      metrics,
      pool,
      maintenance,
      vault,
      directory,
      queue,
      adminKey: secrets.adminKey,
      defaultApp: secrets.defaultApp,
      instanceKey: ownKey,
      newId: createIdSource(Date.now),
      onStoreError,
      onQueueError,
      onClose,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

export type Context = Awaited<ReturnType<typeof openContext>>

/** With a database, the operator gives the secrets; an embedded instance makes its own and keeps them in its folder. */
function readSecrets(config: Config, onClose: (close: () => void) => void) {
  const { store, dataDir, metaApp } = config
  if (store.kind === "postgres") {
    const { secrets, verifyToken } = metaApp
    return {
      adminKey: config.adminKey ?? "",
      encryptionKeys: config.encryptionKeys ?? [],
      defaultApp: secrets && verifyToken ? { secrets, verifyToken } : undefined,
    }
  }
  const lock = lockDataDir(dataDir)
  onClose(() => lock.release())
  const keys =
    config.encryptionKeys ??
    createdSecret(dataDir, "encryption-keys", newEncryptionKey).split(",").map(parseEncryptionKey)
  if (keys.includes(undefined)) throw damaged(join(dataDir, "encryption-keys"))
  return {
    adminKey: config.adminKey ?? createdSecret(dataDir, "admin-key", newAdminKey),
    encryptionKeys: keys.filter((key) => key !== undefined),
    defaultApp: {
      secrets: metaApp.secrets ?? [createdSecret(dataDir, "meta-app-secret", newToken)],
      verifyToken: metaApp.verifyToken ?? createdSecret(dataDir, "meta-verify-token", newToken),
    },
  }
}

/** A database that is still starting is waited for; what is wrong is said at every try. */
async function openStore(
  config: Config,
  logger: ReturnType<typeof createLogger>,
  onError: (error: unknown) => void,
): Promise<Pool> {
  for (;;) {
    const pool = await openPool(config.store, onError)
    try {
      await pool.query("select 1")
      return pool
    } catch (error) {
      await pool.close().catch(() => {})
      if (pool.embedded) throw error
      const reason = error instanceof Error ? (error as { code?: string }).code || error.message : "unknown"
      logger.error(
        { reason },
        `the database of DATABASE_URL cannot be used; trying again in ${STORE_RETRY_MS / 1000} s`,
      )
      await new Promise((resolve) => setTimeout(resolve, STORE_RETRY_MS))
    }
  }
}
