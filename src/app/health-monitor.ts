import { createHealthMonitor } from "../dispatch/health-monitor.ts"
import { startLoop } from "../scheduling/loop.ts"
import { createEndpointHealthStore } from "../store/directory/endpoint-health.ts"
import type { Context } from "./context.ts"

const SETTLE_EVERY_MS = 5_000

/** Monitors the health of this dispatcher's endpoints. What was counted is written before the store is closed. */
export function startHealthMonitor(context: Context, wake: (endpointIds: Iterable<string>) => void) {
  const { pool, directory, logger, metrics, newId, onStoreError, onClose } = context
  const monitor = createHealthMonitor({
    endpoint: directory.endpoint,
    endpoints: directory.endpoints,
    endpointsOf: directory.endpointsOf,
    settle: createEndpointHealthStore(pool).settle,
    async onDisabled({ id, customerId }, reason) {
      logger.warn({ endpoint_id: id, reason }, "endpoint disabled")
      metrics.disabledEndpoints.inc()
      await directory.changed(customerId)
    },
    wake,
    newId,
    now: Date.now,
  })
  const loop = startLoop(monitor.settle, SETTLE_EVERY_MS, onStoreError)
  onClose(async () => {
    await loop.stop()
    await monitor.settle()
  })
  return monitor
}
