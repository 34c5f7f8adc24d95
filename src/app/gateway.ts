import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { createApp } from "../http/app.ts"
import { healthRoutes } from "../http/health/health.ts"
import { createHealthServer } from "../http/health/health-server.ts"
import { DEFAULT_APP_ID, webhookRoutes } from "../http/webhooks/webhooks.ts"
import { createTestEvents } from "../ingest/test-event.ts"
import { connectRedis } from "../queue/redis.ts"
import type { RedisLocation } from "../queue/redis-url.ts"
import { createAddressPolicy } from "../sender/address-policy.ts"
import { createUrlCheck } from "../sender/check-url.ts"
import { createResolveHost } from "../sender/resolve-host.ts"
import { createStores } from "../store/stores.ts"
import { VERSION } from "../version.ts"
import type { Context } from "./context.ts"
import { addressOptions } from "./dispatcher.ts"
import { createIngesting } from "./ingest.ts"

const SCHEMAS = join(import.meta.dirname, "../../schemas")
const READY_WITHIN_MS = 2_000
const DNS_TIMEOUT_MS = 3_000

/** Listens: all routes for a gateway, health and metrics for a dispatcher. */
export async function startHttp(context: Context): Promise<{ url: string }> {
  const { config, logger, onClose } = context
  let url = ""
  const publicUrl = () => config.publicUrl?.replace(/\/$/, "") ?? url
  const app =
    config.role === "dispatcher"
      ? await createHealthServer(health(context), logger)
      : await createGateway(context, publicUrl)
  onClose(() => app.close())
  const { host, port } = config
  url = await app.listen({ host, port }).catch((error) => {
    throw new Error(`cannot listen at HOST ${host}, PORT ${port}: ${error.message}`, { cause: error })
  })
  return { url }
}

async function createGateway(context: Context, publicUrl: () => string) {
  const { pool, vault, config, logger, metrics, directory } = context
  const { ingest, wake } = await createIngesting(context)
  const policy = createAddressPolicy(addressOptions(context))
  const limiter = config.redis ? { redis: openLimiter(context, config.redis) } : {}
  const checkUrl = createUrlCheck({ policy, resolve: createResolveHost(), dnsTimeoutMs: DNS_TIMEOUT_MS })
  return createApp({
    stores: createStores(pool, vault),
    adminKey: context.adminKey,
    logger,
    routing: directory,
    wake: (endpointId) => wake([endpointId]),
    testEvent: createTestEvents({ instanceKey: context.instanceKey, nonce: randomUUID, now: Date.now }),
    checkUrl,
    now: Date.now,
    randomBytes,
    publicUrl,
    trustProxy: config.trustProxy,
    version: VERSION,
    schemas: readSchemas(),
    plugins: [
      healthRoutes({ ...health(context), ...limiter }),
      webhookRoutes({
        app: (appId) =>
          appId === DEFAULT_APP_ID
            ? context.defaultApp && { id: DEFAULT_APP_ID, ...context.defaultApp }
            : directory.app(appId),
        ingest,
        equal,
        onWebhook: (platform, result) => metrics.webhooks.inc({ platform, result }),
      }),
    ],
    ...limiter,
  })
}

/** All gateways count requests together; while Redis is away nobody is refused. */
function openLimiter({ onQueueError, onClose }: Context, location: RedisLocation) {
  const redis = connectRedis(location, "producer")
  redis.on("error", onQueueError)
  onClose(() => redis.disconnect())
  return redis
}

function health({ pool, queue, metrics, config, adminKey }: Context) {
  return {
    async storeReady() {
      const late = new Promise<false>((resolve) => setTimeout(resolve, READY_WITHIN_MS, false).unref())
      const asked = pool.query("select 1").then(
        () => true,
        () => false,
      )
      return Promise.race([asked, late])
    },
    queueReady: queue.ready,
    metricsOpen: config.loopbackOnly,
    isOperator: (authorization: string) => equal(authorization, `Bearer ${adminKey}`),
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  }
}

function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function readSchemas(): Map<string, string> {
  const paths = globSync("{event,operational-event,events/*}.v1.json", { cwd: SCHEMAS })
  return new Map(paths.map((path) => [path, readFileSync(join(SCHEMAS, path), "utf8")]))
}
