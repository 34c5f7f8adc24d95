import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify"
import { type HealthDeps, healthRoutes } from "./health.ts"
import { refuseUnknownRoutes } from "./not-found.ts"
import { createProblemHandler } from "./problem-handler.ts"

/** What a dispatcher listens with: `/livez`, `/readyz` and `/metrics`, nothing else. */
export async function createHealthServer(deps: HealthDeps, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
  })
  app.setErrorHandler(createProblemHandler(() => ""))
  refuseUnknownRoutes(app)
  await app.register(healthRoutes(deps))
  return app
}
