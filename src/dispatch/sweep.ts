import { startLoop } from "../scheduling/loop.ts"

/** Overdue for so long although woken every second: wakes do not arrive. */
const STUCK_MS = 5_000

interface SweepDeps {
  overdue(): Promise<{ endpointId: string; overdueMs: number; leased: boolean }[]>
  wake(endpointIds: Iterable<string>): void
  onOldestDue(seconds: number): void
  /** A delivery stays overdue although its endpoint was woken repeatedly. */
  onStuck(): void
  onError(error: unknown): void
  everyMs: number
}

/**
 * Wakes every endpoint that has a delivery due and whose lease nobody holds. This alone recovers from a crash, a
 * flushed Redis or a failover.
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
