import Fastify, { type FastifyInstance, LogController } from "fastify"
import { createAdminKeys } from "../core/api/admin-keys.ts"
import { timeOrderedId } from "../core/event/ids.ts"
import { createAuth } from "./auth/auth.ts"
import { createKeyCache } from "./auth/key-cache.ts"
import { createLastUsed } from "./auth/last-used.ts"
import { createLimiter, DEFAULT_RATE_LIMITS } from "./auth/rate-limits.ts"
import { type AppDeps, DEFAULT_OBJECT_LIMITS, DEFAULT_TIMEOUTS } from "./deps.ts"
import { documentationRoutes } from "./documentation/documentation.ts"
import { refuseUnknownRoutes } from "./errors/not-found.ts"
import { createProblemHandler } from "./errors/problem-handler.ts"
import { createSocketErrorHandler } from "./errors/socket-error.ts"
import { apiKeyRoutes } from "./routes/api-keys.ts"
import { appRoutes } from "./routes/apps.ts"
import { connectionRoutes } from "./routes/connections.ts"
import { contactRoutes } from "./routes/contacts.ts"
import { customerRoutes } from "./routes/customers.ts"
import { deliveryRoutes } from "./routes/deliveries.ts"
import { encryptionRoutes } from "./routes/encryption.ts"
import { endpointSecretRoutes } from "./routes/endpoint-secrets.ts"
import { endpointTestRoute } from "./routes/endpoint-test.ts"
import { endpointRoutes } from "./routes/endpoints.ts"
import { eventStreamRoute } from "./routes/event-stream.ts"
import { eventRoutes } from "./routes/events.ts"
import { operatorRoutes } from "./routes/operator.ts"
import { replayRoutes } from "./routes/replays.ts"
import { parseJsonLeniently } from "./routing/json-body.ts"
import { documentRoutes } from "./routing/openapi.ts"
import { createRequestIds } from "./routing/request-id.ts"
import { createRoutes } from "./routing/route.ts"
import { createEventStreams, DEFAULT_STREAM_LIMITS } from "./streams/event-streams.ts"

const API_BODY_LIMIT = 256 * 1024
const ID_RANDOM_BYTES = 10
/** Longer than the idle timeout of common load balancers (60 s), so that they close first. */
const KEEP_ALIVE_MS = 72_000

/** The HTTP server with all its routes, ready for `listen` or `inject`. The caller closes it. */
export async function createApp(deps: AppDeps): Promise<FastifyInstance> {
  const timeouts = { ...DEFAULT_TIMEOUTS, ...deps.timeouts }
  const newRequestId = createRequestIds(deps.randomBytes)
  const handleProblem = createProblemHandler(deps.publicUrl)
  const app: FastifyInstance = Fastify({
    loggerInstance: deps.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: newRequestId,
    // A child logger per request costs more than parsing a webhook; log lines carry `request_id` instead.
    childLoggerFactory: (logger) => logger,
    bodyLimit: API_BODY_LIMIT,
    requestTimeout: timeouts.requestMs,
    connectionTimeout: 2 * timeouts.requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: timeouts.headersMs, connectionsCheckingInterval: timeouts.checkMs },
    clientErrorHandler: createSocketErrorHandler(deps.publicUrl, newRequestId),
    frameworkErrors: (error, request, reply) => void handleProblem(error, request, reply),
    routerOptions: { maxParamLength: 200 },
    // Requests that arrive while the server closes are served, as those before.
    return503OnClosing: false,
    ...(deps.trustProxy === undefined ? {} : { trustProxy: deps.trustProxy }),
  })
  app.setErrorHandler(handleProblem)
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id)
    done()
  })
  refuseUnknownRoutes(app)
  await documentRoutes(app, deps)
  for (const plugin of deps.plugins) await app.register(plugin)
  await app.register((api) => registerApi(api, deps))
  await app.register(documentationRoutes, { schemas: deps.schemas ?? new Map() })
  return app
}

async function registerApi(api: FastifyInstance, deps: AppDeps): Promise<void> {
  const { stores, now, randomBytes, publicUrl, checkUrl, wake } = deps
  const limits = { ...DEFAULT_OBJECT_LIMITS, ...deps.objectLimits }
  const limiter = await createLimiter(api, { ...DEFAULT_RATE_LIMITS, ...deps.rateLimits }, deps.sharedCounts)
  const keys = createKeyCache((publicId) => stores.apiKeys.find(publicId), now)
  const lastUsed = createLastUsed(stores.apiKeys.touch, now, () =>
    api.log.warn("failed to record when an API key was last used"),
  )
  const newId = (prefix: string) => timeOrderedId(prefix, now(), randomBytes(ID_RANDOM_BYTES))
  const changed = async (customerId: string | null) => {
    keys.forget(customerId)
    await deps.routing.changed(customerId)
  }

  parseJsonLeniently(api)
  logResponses(api)
  api.addHook("onClose", () => lastUsed.settled())

  const auth = createAuth({
    adminKey: createAdminKeys(deps.adminKeys),
    keys,
    customers: stores.customers,
    limiter,
    touch: lastUsed.touch,
    now,
  })
  const routes = createRoutes(api, { auth, idempotency: stores.idempotency })
  const common = { newId, changed, randomBytes, now }
  customerRoutes(routes, { ...common, customers: stores.customers })
  apiKeyRoutes(routes, { ...common, ...stores, maxKeys: limits.apiKeys })
  appRoutes(routes, { ...common, ...stores, maxApps: limits.apps, publicUrl })
  connectionRoutes(routes, { ...common, ...stores, maxConnections: limits.connections })
  endpointSecretRoutes(routes, { ...common, ...stores })
  endpointRoutes(routes, { ...common, ...stores, maxEndpoints: limits.endpoints, checkUrl, wake })
  endpointTestRoute(routes, { ...common, ...stores, testEvent: deps.testEvent, wake })
  eventRoutes(routes, stores)
  const streams = createEventStreams({
    events: stores.events,
    limits: { ...DEFAULT_STREAM_LIMITS, ...deps.streams },
    onError: () => api.log.warn("event streams failed to read new events; they continue when the store is available"),
  })
  api.addHook("preClose", async () => streams.end())
  eventStreamRoute(routes, streams)
  deliveryRoutes(routes, { ...stores, wake })
  contactRoutes(routes, stores)
  replayRoutes(routes, { ...common, ...stores, maxReplays: limits.replays })
  operatorRoutes(routes, stores)
  encryptionRoutes(routes, stores)
}

/** Logs the route's pattern, not the URL: a query string may contain a phone number. */
function logResponses(api: FastifyInstance): void {
  api.addHook("onResponse", async (request, reply) => {
    const { method } = request
    const ms = Math.round(reply.elapsedTime)
    request.log.debug(
      { request_id: request.id, method, route: request.routeOptions.url, status: reply.statusCode, ms },
      "request completed",
    )
  })
}
