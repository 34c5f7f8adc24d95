import type { createDispatcher } from "../dispatch/dispatcher.ts"
import { startSweep } from "../dispatch/sweep.ts"
import type { Context } from "./context.ts"

const SWEEP_EVERY_MS = 1_000

type Dispatcher = Pick<
  ReturnType<typeof createDispatcher>,
  "wake" | "openBreakers" | "heldEndpoints" | "lanes" | "stop"
>

/**
 * Feeds the dispatcher: the queue's worker with wakes, and a sweep with every endpoint that has something due and no
 * lease. What the queue does not bring to a dispatcher within a second, the sweep wakes in this process.
 */
export function startSweeper(
  { queue, directory, maintenance, metrics, onStoreError, onClose }: Context,
  dispatcher: Dispatcher,
  wake: (endpointIds: Iterable<string>) => void,
): void {
  const worker = queue.work(dispatcher.wake)
  const sweep = startSweep({
    overdue: maintenance.overdue,
    queueReady: queue.ready,
    wake,
    wakeHere: dispatcher.wake,
    canSend: (endpointId) => directory.endpoint(endpointId)?.active === true,
    onOldestDue(seconds) {
      metrics.oldestDue.set(seconds)
      metrics.openBreakers.set(dispatcher.openBreakers())
      metrics.heldEndpoints.set(dispatcher.heldEndpoints())
      for (const { lane, inFlight, waiting } of dispatcher.lanes()) {
        metrics.inFlight.set({ lane }, inFlight)
        metrics.inLine.set({ lane }, waiting)
      }
    },
    onLeftWaiting: worker.leftWaiting,
    onError: onStoreError,
    everyMs: SWEEP_EVERY_MS,
  })
  onClose(async () => {
    await Promise.all([worker.close(), sweep.stop()])
  })
}
