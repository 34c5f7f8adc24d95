import { createHealthServer } from "../http/health/health-server.ts"
import type { Context } from "./context.ts"
import type { RunningDispatcher } from "./dispatcher.ts"
import { createGateway } from "./gateway.ts"
import { healthDeps } from "./health.ts"

/** Listens: all routes for a gateway, health and metrics for a dispatcher. */
export async function startHttp(context: Context, dispatcher?: RunningDispatcher): Promise<{ url: string }> {
  const { config, logger, onClose } = context
  let url = ""
  const publicUrl = () => config.publicUrl?.replace(/\/$/, "") ?? url
  const app =
    config.role === "dispatcher"
      ? await createHealthServer(healthDeps(context, dispatcher), logger)
      : await createGateway(context, publicUrl, dispatcher)
  onClose(() => app.close())
  const { host, port } = config
  url = await app.listen({ host, port }).catch((error) => {
    throw new Error(`cannot listen at HOST ${host}, PORT ${port}: ${error.message}`, { cause: error })
  })
  return { url }
}
