import type { CommitRows } from "../core/commit-rows.ts"
import type { Endpoint } from "../core/delivery/endpoint.ts"
import { advance, HEALTHY, type Health, isHealthy, NOTHING, type Tally } from "../core/delivery/endpoint-health.ts"
import {
  type Announced,
  announceGone,
  announceNotice,
  GIVEN_UP,
  GONE,
  operationalRows,
} from "../core/delivery/operational-rows.ts"
import { createExpiringSecrets } from "./expiring-secrets.ts"
import { createTallies } from "./tallies.ts"

interface Decision {
  /** Health to store by endpoint; null removes it. */
  changed: Map<string, Health | null>
  /** Endpoints to disable, with the reason. */
  disable: Map<string, string>
  /** Rows to commit, given the endpoints that were disabled. */
  rows(disabled: ReadonlySet<string>): CommitRows
}

export interface HealthMonitorDeps {
  endpoint(id: string): Endpoint | undefined
  endpoints(): Iterable<Endpoint>
  endpointsOf(customerId: string): readonly Endpoint[]
  /** Reads, decides and writes in one transaction; resolves with the endpoints that it disabled. */
  settle(
    endpointIds: string[],
    nowMs: number,
    decide: (known: ReadonlyMap<string, Health>) => Decision,
  ): Promise<Set<string>>
  /** The endpoint was disabled in the store. Resolves when this process has applied it. */
  onDisabled(endpoint: Endpoint, reason: string): Promise<void>
  /** These endpoints may have deliveries that are due. */
  wake(endpointIds: Iterable<string>): void
  newId(prefix: "dlv"): string
  now(): number
}

/** The decision before it is known which endpoints the transaction disabled. */
type Settlement = Omit<Decision, "rows"> & { announced: Announced[] }

/**
 * Counts the results of attempts. Each `settle` adds the counts to the stored health of the endpoints, disables those
 * that failed for too long and commits the events for their customers. Only endpoints that are not healthy have a row.
 */
export function createHealthMonitor(deps: HealthMonitorDeps) {
  const tallies = createTallies()
  const secrets = createExpiringSecrets(deps.endpoints)

  /** Stores what was counted since the last call, then notifies. If the store fails, the counts are kept. */
  async function settle(): Promise<void> {
    const counted = tallies.take()
    const nowMs = deps.now()
    const expiring = secrets.find(nowMs)
    const decideOn = (known: ReadonlyMap<string, Health>) => {
      const decided = decide(known, counted, nowMs)
      return { ...decided, announced: [...decided.announced, ...expiring] }
    }
    const notify = await write([...counted.keys()], nowMs, decideOn).catch((error) => {
      tallies.putBack(counted)
      throw error
    })
    secrets.announced(expiring)
    await notify()
  }

  /** Disables an endpoint that answered 410, unless it was changed meanwhile. */
  async function gone(endpoint: Endpoint): Promise<void> {
    if (deps.endpoint(endpoint.id)?.revisionMs !== endpoint.revisionMs) return
    const nowMs = deps.now()
    const announced = [announceGone(endpoint, nowMs)]
    const disable = new Map([[endpoint.id, GONE]])
    const notify = await write([], nowMs, () => ({ changed: new Map(), disable, announced }))
    await notify()
  }

  /**
   * Stores a decision in one transaction.
   *
   * @returns a function that wakes the endpoints with new deliveries and reports the disabled ones
   */
  async function write(
    endpointIds: string[],
    nowMs: number,
    decideOn: (known: ReadonlyMap<string, Health>) => Settlement,
  ): Promise<() => Promise<void>> {
    let reasons: ReadonlyMap<string, string> = new Map()
    let rows: CommitRows | undefined
    const disabled = await deps.settle(endpointIds, nowMs, (known) => {
      const { announced, ...decision } = decideOn(known)
      reasons = decision.disable
      return {
        ...decision,
        rows(done) {
          const hasHappened = ({ event, endpoint }: Announced) =>
            event.type !== "endpoint.disabled" || done.has(endpoint.id)
          rows = operationalRows(announced.filter(hasHappened), deps)
          return rows
        },
      }
    })
    return async function notify() {
      deps.wake(new Set(rows?.deliveries.map(({ endpointId }) => endpointId)))
      for (const id of disabled) {
        const endpoint = deps.endpoint(id)
        if (endpoint) await deps.onDisabled(endpoint, reasons.get(id) ?? "")
      }
    }
  }

  function decide(known: ReadonlyMap<string, Health>, counted: ReadonlyMap<string, Tally>, nowMs: number): Settlement {
    const changed = new Map<string, Health | null>()
    const disable = new Map<string, string>()
    const announced: Announced[] = []
    for (const id of new Set([...known.keys(), ...counted.keys()])) {
      const before = known.get(id)
      const { health, notices } = advance(before ?? HEALTHY, counted.get(id) ?? NOTHING, nowMs)
      if (!isHealthy(health, nowMs)) changed.set(id, health)
      else if (before) changed.set(id, null)
      const endpoint = deps.endpoint(id)
      if (!endpoint) continue
      if (notices.some(({ type }) => type === "endpoint.disabled")) disable.set(id, GIVEN_UP)
      for (const notice of notices) announced.push(announceNotice(endpoint, notice, nowMs))
    }
    return { changed, disable, announced }
  }

  return { observe: tallies.observe, settle, gone }
}
