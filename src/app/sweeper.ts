import type { createDispatcher } from "../dispatch/dispatcher.ts"
import { startSweep } from "../dispatch/sweep.ts"
import type { Context } from "./context.ts"

const SWEEP_EVERY_MS = 1_000
/** Work that has been due for so long, with not one wake fetched meanwhile, means a worker that is dead. */
const SILENT_MS = 30_000

type Dispatcher = Pick<
  ReturnType<typeof createDispatcher>,
  "wake" | "openBreakers" | "heldEndpoints" | "lanes" | "stop"
>

/**
 * Feeds the dispatcher: the queue's worker with wakes, and a sweep with every endpoint that has something due and no
 * lease. While the queue is unavailable, the sweep wakes this process directly, every second.
 */
export function startSweeper(
  { queue, maintenance, metrics, logger, onStoreError, onClose }: Context,
  dispatcher: Dispatcher,
  wake: (endpointIds: Iterable<string>) => void,
): void {
  const worker = queue.work(dispatcher.wake)
  const sweep = startSweep({
    overdue: maintenance.overdue,
    wake: (endpointIds) => (queue.ready() ? wake(endpointIds) : dispatcher.wake([...endpointIds])),
    onOldestDue(seconds) {
      metrics.oldestDue.set(seconds)
      metrics.openBreakers.set(dispatcher.openBreakers())
      metrics.heldEndpoints.set(dispatcher.heldEndpoints())
      for (const { lane, inFlight, waiting } of dispatcher.lanes()) {
        metrics.inFlight.set({ lane }, inFlight)
        metrics.inLine.set({ lane }, waiting)
      }
    },
    onStuck() {
      if (!queue.ready() || !worker.replaceIfSilent(SILENT_MS)) return
      logger.warn("deliveries are due and the wake queue's worker fetches nothing; the worker is replaced")
    },
    onError: onStoreError,
    everyMs: SWEEP_EVERY_MS,
  })
  onClose(async () => {
    await Promise.all([worker.close(), sweep.stop()])
  })
}
