import { createAdminKeys } from "../core/api/admin-keys.ts"
import type { Context } from "./context.ts"
import type { RunningDispatcher } from "./dispatcher.ts"
import { countRefused } from "./observability/refused.ts"

/** What the health and metrics routes ask of the process. */
export function healthDeps({ storeReady, queue, metrics, config, adminKeys }: Context, dispatcher?: RunningDispatcher) {
  const adminKey = createAdminKeys(adminKeys)
  return {
    storeReady,
    queueReady: queue.ready,
    ...(dispatcher ? { dispatcherLive: dispatcher.isLive } : {}),
    shutdownDelayMs: config.shutdownDelayMs,
    metricsOpen: config.loopbackOnly,
    isOperator: (key: string) => adminKey(key) !== undefined,
    onRefusedKey: countRefused(metrics),
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  }
}
