import { randomBytes, randomUUID } from "node:crypto"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { createApp } from "../http/app.ts"
import type { SharedCounts } from "../http/auth/rate-limits.ts"
import { healthRoutes } from "../http/health/health.ts"
import { DEFAULT_APP_ID, webhookRoutes } from "../http/webhooks/webhooks.ts"
import { createTestEvents } from "../ingest/test-event.ts"
import { connectRedis } from "../queue/redis.ts"
import type { RedisLocation } from "../queue/redis-url.ts"
import { createAddressPolicy } from "../sender/address-policy.ts"
import { createUrlCheck } from "../sender/check-url.ts"
import { createResolveHost } from "../sender/resolve-host.ts"
import { createStores } from "../store/stores.ts"
import { VERSION } from "../version.ts"
import { addressOptions } from "./config/address-options.ts"
import type { Context } from "./context.ts"
import type { RunningDispatcher } from "./dispatcher.ts"
import { equalInConstantTime } from "./equal.ts"
import { healthDeps } from "./health.ts"
import { createIngestion } from "./ingest.ts"
import { countRefused } from "./observability/refused.ts"

const SCHEMAS = join(import.meta.dirname, "../../schemas")
const DNS_TIMEOUT_MS = 3_000

/** The gateway: webhooks, API and health on one server. `publicUrl` is known once the server listens. */
export async function createGateway(context: Context, publicUrl: () => string, dispatcher?: RunningDispatcher) {
  const { pool, vault, config, logger, metrics, directory } = context
  const { ingest, wake } = await createIngestion(context)
  const policy = createAddressPolicy(addressOptions(context.config))
  const limiter = config.redis ? { sharedCounts: openSharedCounts(context, config.redis) } : {}
  const checkUrl = createUrlCheck({ policy, resolve: createResolveHost(), dnsTimeoutMs: DNS_TIMEOUT_MS })
  return createApp({
    stores: createStores(pool, vault),
    adminKeys: context.adminKeys,
    logger,
    routing: directory,
    wake: (endpointId) => wake([endpointId]),
    testEvent: createTestEvents({ instanceKey: context.instanceKey, nonce: randomUUID, now: Date.now }),
    checkUrl,
    cursorSecret: context.instanceKey,
    onRefusedKey: countRefused(metrics),
    now: Date.now,
    randomBytes,
    publicUrl,
    trustProxy: config.trustProxy,
    version: VERSION,
    schemas: readSchemas(),
    plugins: [
      healthRoutes({ ...healthDeps(context, dispatcher), ...limiter }),
      webhookRoutes({
        app: (appId) =>
          appId === DEFAULT_APP_ID
            ? context.defaultApp && { id: DEFAULT_APP_ID, ...context.defaultApp }
            : directory.app(appId),
        ingest,
        equal: equalInConstantTime,
        onWebhook: (platform, result) => metrics.webhooks.inc({ platform, result }),
      }),
    ],
    ...limiter,
  })
}

/** All gateways count requests together; while Redis is away nobody is refused. */
function openSharedCounts({ redisPrefix, onQueueError, onClose }: Context, location: RedisLocation): SharedCounts {
  const redis = connectRedis(location, "producer")
  redis.on("error", onQueueError)
  onClose(() => redis.disconnect())
  return { redis, prefix: redisPrefix }
}

function readSchemas(): Map<string, string> {
  const paths = globSync("{event,operational-event,events/*}.v1.json", { cwd: SCHEMAS })
  return new Map(paths.map((path) => [path, readFileSync(join(SCHEMAS, path), "utf8")]))
}
