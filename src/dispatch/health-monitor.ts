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
  moved: Map<string, Health | null>
  disable: Map<string, string>
  rows(disabled: ReadonlySet<string>): CommitRows
}

export interface HealthMonitorDeps {
  endpoint(id: string): Endpoint | undefined
  endpoints(): Iterable<Endpoint>
  endpointsOf(customerId: string): readonly Endpoint[]
  /** Reads, decides and writes in one transaction; answers with the endpoints that were disabled. */
  settle(
    endpointIds: string[],
    nowMs: number,
    decide: (known: ReadonlyMap<string, Health>) => Decision,
  ): Promise<Set<string>>
  /** The endpoint is disabled in the store; resolves when this process knows. */
  onDisabled(endpoint: Endpoint, reason: string): Promise<void>
  /** Something may be due at these. */
  wake(endpointIds: Iterable<string>): void
  newId(prefix: "dlv"): string
  now(): number
}

/** What follows from what was counted, before it is known which endpoints were really disabled. */
type Settlement = Omit<Decision, "rows"> & { announced: Announced[] }

/**
 * Counts what becomes of attempts, and every few seconds makes of it what is known of the endpoints: a row in the store
 * for those that are not well, none for the others.
 */
export function createHealthMonitor(deps: HealthMonitorDeps) {
  const tallies = createTallies()
  const secrets = createExpiringSecrets(deps.endpoints)

  /** Writes what was counted since the last time, and tells whom it concerns. */
  async function settle(): Promise<void> {
    const counted = tallies.take()
    const nowMs = deps.now()
    const expiring = secrets.find(nowMs)
    const commit = commitment((known) => {
      const decided = decide(known, counted, nowMs)
      return { ...decided, announced: [...decided.announced, ...expiring] }
    })
    try {
      await commit.write([...counted.keys()], nowMs)
    } catch (error) {
      tallies.putBack(counted)
      throw error
    }
    secrets.told(expiring)
    await commit.tell()
  }

  /** Ends an endpoint that says of itself that it is gone. What was changed meanwhile may not be: it is asked again. */
  async function gone(endpoint: Endpoint): Promise<void> {
    if (deps.endpoint(endpoint.id)?.revisionMs !== endpoint.revisionMs) return
    const nowMs = deps.now()
    const announced = [announceGone(endpoint, nowMs)]
    const commit = commitment(() => ({ moved: new Map(), disable: new Map([[endpoint.id, GONE]]), announced }))
    await commit.write([], nowMs)
    await commit.tell()
  }

  /** First everything is written in one transaction, then this and other processes are told. */
  function commitment(decideOn: (known: ReadonlyMap<string, Health>) => Settlement) {
    let disabled: ReadonlySet<string> = new Set()
    let reasons = new Map<string, string>()
    let rows: CommitRows | undefined
    return {
      async write(endpointIds: string[], nowMs: number) {
        disabled = await deps.settle(endpointIds, nowMs, (known) => {
          const { announced, ...decision } = decideOn(known)
          reasons = decision.disable
          return {
            ...decision,
            rows(done) {
              const isTrue = ({ event, endpoint }: Announced) =>
                event.type !== "endpoint.disabled" || done.has(endpoint.id)
              rows = operationalRows(announced.filter(isTrue), deps)
              return rows
            },
          }
        })
      },
      async tell() {
        deps.wake(new Set(rows?.deliveries.map(({ endpointId }) => endpointId)))
        for (const id of disabled) {
          const endpoint = deps.endpoint(id)
          if (endpoint) await deps.onDisabled(endpoint, reasons.get(id) ?? "")
        }
      },
    }
  }

  function decide(known: ReadonlyMap<string, Health>, counted: ReadonlyMap<string, Tally>, nowMs: number): Settlement {
    const moved = new Map<string, Health | null>()
    const disable = new Map<string, string>()
    const announced: Announced[] = []
    for (const id of new Set([...known.keys(), ...counted.keys()])) {
      const before = known.get(id)
      const { health, notices } = advance(before ?? HEALTHY, counted.get(id) ?? NOTHING, nowMs)
      if (!isHealthy(health, nowMs)) moved.set(id, health)
      else if (before) moved.set(id, null)
      const endpoint = deps.endpoint(id)
      if (!endpoint) continue
      if (notices.some(({ type }) => type === "endpoint.disabled")) disable.set(id, GIVEN_UP)
      for (const notice of notices) announced.push(announceNotice(endpoint, notice, nowMs))
    }
    return { moved, disable, announced }
  }

  return { observe: tallies.observe, settle, gone }
}
