import { startLoop } from "../scheduling/loop.ts"

interface SweepDeps {
  overdue(): Promise<{ endpointId: string; overdueMs: number; leased: boolean }[]>
  /** Whether wakes are sent and fetched, as far as is known. */
  queueReady(): boolean
  /** Wakes endpoints in any dispatcher, through the queue. */
  wake(endpointIds: Iterable<string>): void
  /** Wakes endpoints in this process. */
  wakeHere(endpointIds: readonly string[]): void
  /** Whether this process can send to the endpoint; false if its secrets cannot be decrypted, for example. */
  canSend(endpointId: string): boolean
  onOldestDue(seconds: number): void
  /** Endpoints that the last sweep woke through the queue still wait for a dispatcher. */
  onLeftWaiting(): void
  onError(error: unknown): void
  everyMs: number
}

/**
 * Wakes every endpoint that has a delivery due and whose lease nobody holds. This alone recovers from a crash, a
 * flushed Redis or a failover.
 *
 * The queue distributes endpoints among dispatchers, so it is tried first. What it has not brought to anyone by the
 * next sweep, for whatever reason, is woken here.
 */
export function startSweep(deps: SweepDeps) {
  let woken = new Set<string>()

  return startLoop(
    async () => {
      const overdue = await deps.overdue()
      deps.onOldestDue(oldestDueSeconds(overdue))
      const waiting = overdue.filter(({ leased }) => !leased).map(({ endpointId }) => endpointId)
      const leftWaiting = waiting.filter((endpointId) => woken.has(endpointId) && deps.canSend(endpointId))
      if (leftWaiting.length > 0) deps.onLeftWaiting()
      if (deps.queueReady()) {
        woken = new Set(waiting)
        deps.wake(waiting)
        deps.wakeHere(leftWaiting)
      } else {
        woken = new Set()
        deps.wakeHere(waiting)
      }
    },
    deps.everyMs,
    deps.onError,
  )
}

export const oldestDueSeconds = (overdue: readonly { overdueMs: number }[]) =>
  Math.max(0, ...overdue.map(({ overdueMs }) => overdueMs)) / 1000
