import Fastify, { type FastifyInstance, LogController } from "fastify"
import { createAdminKeys } from "../core/api/admin-keys.ts"
import { createPositionCursors } from "../core/api/position-cursor.ts"
import { timeOrderedId } from "../core/event/ids.ts"
import { createAuth } from "./auth/auth.ts"
import { createKeyCache } from "./auth/key-cache.ts"
import { createLastUsed } from "./auth/last-used.ts"
import { createLimiter, DEFAULT_RATE_LIMITS } from "./auth/rate-limits.ts"
import { createRefusedKeys } from "./auth/refused-keys.ts"
import { type AppDeps, DEFAULT_TIMEOUTS } from "./deps.ts"
import { documentationRoutes } from "./documentation/documentation.ts"
import { hostFault } from "./errors/host-fault.ts"
import { refuseUnknownRoutes } from "./errors/not-found.ts"
import { createProblemHandler } from "./errors/problem-handler.ts"
import { createSocketErrorHandler } from "./errors/socket-error.ts"
import { apiKeyRoutes } from "./routes/api-keys.ts"
import { appRoutes } from "./routes/apps.ts"
import { auditLogRoutes } from "./routes/audit-log.ts"
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
import { createAudited } from "./routing/audit.ts"
import { parseJsonLeniently } from "./routing/json-body.ts"
import { createLimits } from "./routing/limits.ts"
import { type DocumentedRoute, openapiDocument } from "./routing/openapi.ts"
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
    done(hostFault(request.raw.rawHeaders))
  })
  refuseUnknownRoutes(app)
  const routes: DocumentedRoute[] = []
  for (const plugin of deps.plugins) await app.register(plugin)
  await app.register((api) => registerApi(api, deps, (route) => routes.push(route)))
  await app.register(documentationRoutes, {
    schemas: deps.schemas ?? new Map(),
    openapi: () => openapiDocument(routes, deps),
  })
  return app
}

async function registerApi(
  api: FastifyInstance,
  deps: AppDeps,
  onRoute: (route: DocumentedRoute) => void,
): Promise<void> {
  const { stores, now, randomBytes, publicUrl, checkUrl, wake } = deps
  const limitOf = createLimits(stores.customers)
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
    onRefused: createRefusedKeys({ logger: api.log, count: deps.onRefusedKey ?? (() => {}), now }),
    touch: lastUsed.touch,
    now,
  })
  const audited = createAudited({
    audit: stores.audit,
    newId,
    now,
    onUnknown: (id) => api.log.error({ audit_id: id }, "failed to record the result of a change in the audit log"),
  })
  const routes = createRoutes(api, { auth, idempotency: stores.idempotency, audited, onRoute })
  const common = { newId, changed, randomBytes, now }
  customerRoutes(routes, { ...common, customers: stores.customers })
  apiKeyRoutes(routes, { ...common, ...stores, limitOf })
  appRoutes(routes, { ...common, ...stores, limitOf, publicUrl })
  connectionRoutes(routes, { ...common, ...stores, limitOf })
  endpointSecretRoutes(routes, { ...common, ...stores })
  endpointRoutes(routes, { ...common, ...stores, limitOf, checkUrl, wake })
  endpointTestRoute(routes, { ...common, ...stores, testEvent: deps.testEvent, wake })
  const cursors = createPositionCursors(deps.cursorSecret)
  eventRoutes(routes, { ...stores, cursors })
  const streams = createEventStreams({
    events: stores.events,
    cursors,
    limits: { ...DEFAULT_STREAM_LIMITS, ...deps.streams },
    onError: () => api.log.warn("event streams failed to read new events; they continue when the store is available"),
  })
  api.addHook("preClose", async () => streams.end())
  eventStreamRoute(routes, streams, cursors)
  deliveryRoutes(routes, { ...stores, wake })
  contactRoutes(routes, stores)
  replayRoutes(routes, { ...common, ...stores, limitOf })
  operatorRoutes(routes, stores)
  encryptionRoutes(routes, stores)
  auditLogRoutes(routes, stores)
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
