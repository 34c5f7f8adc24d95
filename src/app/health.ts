import type { Context } from "./context.ts"
import { equalInConstantTime } from "./equal.ts"

const READY_WITHIN_MS = 2_000

/** What the health and metrics routes ask of the process. */
export function healthDeps({ pool, queue, metrics, config, adminKey }: Context) {
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
    shutdownDelayMs: config.shutdownDelayMs,
    metricsOpen: config.loopbackOnly,
    isOperator: (key: string) => equalInConstantTime(key, adminKey),
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  }
}
