import type { Context } from "./context.ts"
import { equalInConstantTime } from "./equal.ts"

/** What the health and metrics routes ask of the process. */
export function healthDeps({ storeReady, queue, metrics, config, adminKey }: Context) {
  return {
    storeReady,
    queueReady: queue.ready,
    metricsOpen: config.loopbackOnly,
    isOperator: (key: string) => equalInConstantTime(key, adminKey),
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  }
}
