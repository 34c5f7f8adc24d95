import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify"
import { refuseUnknownRoutes } from "../errors/not-found.ts"
import { createProblemHandler } from "../errors/problem-handler.ts"
import { type HealthDeps, healthRoutes } from "./health.ts"

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
