import { startLoop } from "../scheduling/loop.ts"

/** Rung every second and taken up by nobody for so long: the wakes do not arrive. */
const STUCK_MS = 5_000

interface SweepDeps {
  overdue(): Promise<{ endpointId: string; overdueMs: number; leased: boolean }[]>
  wake(endpointIds: Iterable<string>): void
  onOldestDue(seconds: number): void
  /** Something waits though it was woken again and again. */
  onStuck(): void
  onError(error: unknown): void
  everyMs: number
}

/**
 * Wakes every endpoint that has something due and that nobody has in hand. After a crash, a flushed Redis or a
 * failover it is the whole recovery.
 */
export function startSweep(deps: SweepDeps) {
  return startLoop(
    async () => {
      const overdue = await deps.overdue()
      deps.onOldestDue(oldestDueSeconds(overdue))
      const waiting = overdue.filter(({ leased }) => !leased)
      deps.wake(waiting.map(({ endpointId }) => endpointId))
      if (waiting.some(({ overdueMs }) => overdueMs > STUCK_MS)) deps.onStuck()
    },
    deps.everyMs,
    deps.onError,
  )
}

export const oldestDueSeconds = (overdue: readonly { overdueMs: number }[]) =>
  Math.max(0, ...overdue.map(({ overdueMs }) => overdueMs)) / 1000
