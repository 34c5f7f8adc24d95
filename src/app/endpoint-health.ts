import { createHealthMonitor } from "../dispatch/health-monitor.ts"
import { oldestDueSeconds, startLoop } from "../dispatch/sweep.ts"
import { createEndpointHealthStore } from "../store/directory/endpoint-health.ts"
import type { Context } from "./context.ts"

const SETTLE_EVERY_MS = 5_000
const BACKLOG_EVERY_MS = 5_000

/** Watches how the endpoints of this dispatcher fare. What was counted is written before the store is closed. */
export function startHealthMonitor(context: Context, wake: (endpointIds: Iterable<string>) => void) {
  const { pool, directory, logger, metrics, newId, onStoreError, onClose } = context
  const watch = createHealthMonitor({
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
  const loop = startLoop(watch.settle, SETTLE_EVERY_MS, onStoreError)
  onClose(async () => {
    await loop.stop()
    await watch.settle()
  })
  return watch
}

/** Where no dispatcher runs, a gateway is the only one to tell that deliveries wait. */
export function measureBacklog({ maintenance, metrics, onStoreError, onClose }: Context) {
  const measure = async () => metrics.oldestDue.set(oldestDueSeconds(await maintenance.overdue()))
  const loop = startLoop(measure, BACKLOG_EVERY_MS, onStoreError)
  onClose(loop.stop)
}
