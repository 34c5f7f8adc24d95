import { oldestDueSeconds } from "../dispatch/sweep.ts"
import { startLoop } from "../scheduling/loop.ts"
import type { Context } from "./context.ts"

const MEASURE_EVERY_MS = 5_000

/** Measures the backlog in a process that does not dispatch: where no dispatcher runs, only a gateway can report it. */
export function measureBacklog({ maintenance, metrics, onStoreError, onClose }: Context): void {
  const measure = async () => metrics.oldestDue.set(oldestDueSeconds(await maintenance.overdue()))
  onClose(startLoop(measure, MEASURE_EVERY_MS, onStoreError).stop)
}
