import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify"
import { refuseUnknownRoutes } from "../errors/not-found.ts"
import { createProblemHandler } from "../errors/problem-handler.ts"
import { type HealthDeps, healthRoutes } from "./health.ts"

/** The HTTP server of a process that only dispatches: `/livez`, `/readyz` and `/metrics`. */
export async function createHealthServer(deps: HealthDeps, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
  })
  app.setErrorHandler(createProblemHandler(() => ""))
  refuseUnknownRoutes(app)
  await app.register(healthRoutes(deps))
  return app
}
