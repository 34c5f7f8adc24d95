import { INSUFFICIENT_PRIVILEGE, LOCK_NOT_AVAILABLE } from "../core/errors/sqlstate.ts"
import { openPostgresWakeQueue, openRedisWakeQueue } from "../queue/wake-queue.ts"
import { migrate } from "../store/connection/migrate.ts"
import { openDirectory } from "../store/directory/directory.ts"
import { instanceKey } from "../store/directory/instance-key.ts"
import { createVault } from "../store/directory/vault.ts"
import { createMaintenanceStore } from "../store/housekeeping/maintenance.ts"
import { watchCommits } from "./commit-health.ts"
import type { Config } from "./config/config.ts"
import { openSecrets } from "./config/secrets.ts"
import { createIdSource } from "./id-source.ts"
import { createErrorReports } from "./observability/error-reports.ts"
import { createLogger } from "./observability/logger.ts"
import { createMetrics } from "./observability/metrics.ts"
import { openStore, unusable } from "./open-store.ts"
import { redisKeys } from "./redis-keys.ts"

const UNDECRYPTABLE = {
  endpoint:
    "secrets of an endpoint cannot be decrypted, so its deliveries wait: start with the key that encrypted them in " +
    "ENCRYPTION_KEYS, or set its headers again and rotate its secret with overlap_hours 0",
  app:
    "secrets of an app cannot be decrypted, so its webhooks are refused and Meta sends them again: start with the key " +
    "that encrypted them in ENCRYPTION_KEYS, or set its secrets and its verify token again",
}

/**
 * Everything that the roles share, opened in order. `close` closes it in reverse order, also when opening fails
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
    const { onStoreError, onQueueError } = createErrorReports(logger, metrics)
    const secrets = openSecrets(config, onClose)
    const store = await openStore(config, logger, onStoreError)
    onClose(() => store.close())
    const { pool, ready: storeReady } = watchCommits(store, () => performance.now())
    const maintenance = createMaintenanceStore(pool, config.retentionDays)
    await migrate(pool, (error) =>
      logger.warn({ err: error }, "waiting to update the tables: another session, perhaps a backup, is reading them"),
    )
    await maintenance.partition(Date.now()).catch((error) => {
      if (error.code !== LOCK_NOT_AVAILABLE) throw error
      onStoreError(error)
    })
    const vault = createVault(secrets.encryptionKeys)
    // The first secret to be decrypted: with the keys of another store every secret would fail, and this says it once.
    const ownKey = await instanceKey(pool, vault)
    const directory = await openDirectory(pool, vault, onStoreError, ({ kind, id, reason }) =>
      logger.error({ [`${kind}_id`]: id, reason }, UNDECRYPTABLE[kind]),
    )
    onClose(() => directory.close())
    const keys = redisKeys(ownKey, config.redisPrefix)
    const queue = config.redis
      ? await openRedisWakeQueue(config.redis, keys, onQueueError, (warning) => logger.warn(warning))
      : await openPostgresWakeQueue(await pool.queuePool(), onQueueError)
    onClose(() => queue.close())
    return {
      config,
      logger,
      metrics,
      pool,
      storeReady,
      maintenance,
      vault,
      directory,
      queue,
      redisPrefix: keys.prefix,
      adminKeys: secrets.adminKeys,
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
    throw (error as { code?: string }).code === INSUFFICIENT_PRIVILEGE ? unusable(error) : error
  }
}

export type Context = Awaited<ReturnType<typeof openContext>>
