import { advance, HEALTHY, type Health, isHealthy, NOTHING, type Notice, type Tally } from "../core/endpoint-health.ts"
import {
  type Announced,
  announceExpiry,
  announceGone,
  announceNotice,
  GIVEN_UP,
  GONE,
  isOperational,
  operationalRows,
} from "../core/operational-rows.ts"
import type { CommitRows } from "../core/records.ts"
import type { Endpoint } from "../core/route.ts"

/** How long before an old secret ends its customer is told; when it has less to live, at once. */
const EXPIRY_WARNING_MS = 6 * 3_600_000
/** How often secrets are looked at. */
const LOOK_EVERY_MS = 60_000

interface Decision {
  moved: Map<string, Health | null>
  disable: Map<string, string>
  rows(disabled: ReadonlySet<string>): CommitRows
}

export interface HealthWatchDeps {
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
  ring(endpointIds: Iterable<string>): void
  newId(prefix: "dlv"): string
  now(): number
}

/** One attempt, as far as it tells of its endpoint. `succeeded` is null where our own code failed. */
export interface Observed {
  endpointId: string
  eventId: string
  succeeded: boolean | null
  exhausted: boolean
}

/**
 * Counts what becomes of attempts, and every few seconds makes of it what is known of the endpoints: a row in the store
 * for those that are not well, none for the others.
 */
export function createHealthWatch(deps: HealthWatchDeps) {
  let tallies = new Map<string, Tally>()
  const toldExpiries = new Map<string, number>()
  let lookedAtMs = Number.NEGATIVE_INFINITY

  function observe({ endpointId, eventId, succeeded, exhausted }: Observed) {
    if (succeeded === null && !exhausted) return
    const tally = tallies.get(endpointId) ?? NOTHING
    const { succeeded: before, failures, exhausted: count } = tally
    // Most of what there is: one success more of an endpoint that has had one.
    if (succeeded && before && failures === 0) return
    tallies.set(endpointId, {
      succeeded: before || succeeded === true,
      failures: succeeded === false ? failures + 1 : succeeded ? 0 : failures,
      exhausted: exhausted && !isOperational(eventId) ? count + 1 : count,
    })
  }

  /** Writes what was counted since the last time, and tells whom it concerns. */
  async function settle(): Promise<void> {
    const counted = tallies
    tallies = new Map()
    const nowMs = deps.now()
    try {
      const expiries = expiring(nowMs)
      await commit([...counted.keys()], nowMs, (known) => decide(known, counted, nowMs), expiries)
      for (const { endpoint, native } of expiries) toldExpiries.set(`${endpoint.id} ${native}`, Number(native))
    } catch (error) {
      restore(counted)
      throw error
    }
  }

  /** Ends an endpoint that says of itself that it is gone. */
  async function gone(endpoint: Endpoint): Promise<void> {
    const nowMs = deps.now()
    const nothing = { moved: new Map(), disable: new Map([[endpoint.id, GONE]]) }
    await commit([], nowMs, () => ({ ...nothing, announced: [announceGone(endpoint, nowMs)] }), [])
  }

  async function commit(
    endpointIds: string[],
    nowMs: number,
    decideOn: (known: ReadonlyMap<string, Health>) => Omit<Decision, "rows"> & { announced: Announced[] },
    more: Announced[],
  ): Promise<void> {
    let rows: CommitRows | undefined
    let disable = new Map<string, string>()
    const disabled = await deps.settle(endpointIds, nowMs, (known) => {
      const { announced, ...decision } = decideOn(known)
      disable = decision.disable
      return {
        ...decision,
        rows(done) {
          const isTrue = ({ event, endpoint }: Announced) => event.type !== "endpoint.disabled" || done.has(endpoint.id)
          rows = operationalRows([...announced.filter(isTrue), ...more], deps)
          return rows
        },
      }
    })
    for (const id of disabled) {
      const endpoint = deps.endpoint(id)
      if (endpoint) await deps.onDisabled(endpoint, disable.get(id) ?? "")
    }
    deps.ring(new Set(rows?.deliveries.map(({ endpointId }) => endpointId)))
  }

  function decide(known: ReadonlyMap<string, Health>, counted: ReadonlyMap<string, Tally>, nowMs: number) {
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
      if (notices.some(({ type }: Notice) => type === "endpoint.disabled")) disable.set(id, GIVEN_UP)
      for (const notice of notices) announced.push(announceNotice(endpoint, notice, nowMs))
    }
    return { moved, disable, announced }
  }

  /** Secrets that end soon and were not told of by this process; another's telling is the same event. */
  function expiring(nowMs: number): Announced[] {
    if (nowMs - lookedAtMs < LOOK_EVERY_MS) return []
    lookedAtMs = nowMs
    for (const [key, expiresAtMs] of toldExpiries) if (expiresAtMs <= nowMs) toldExpiries.delete(key)
    const found: Announced[] = []
    for (const endpoint of deps.endpoints()) {
      for (const { expiresAtMs } of endpoint.secrets) {
        if (expiresAtMs === null || expiresAtMs <= nowMs || expiresAtMs - nowMs > EXPIRY_WARNING_MS) continue
        if (!toldExpiries.has(`${endpoint.id} ${expiresAtMs}`)) found.push(announceExpiry(endpoint, expiresAtMs, nowMs))
      }
    }
    return found
  }

  /** What could not be written is counted with what came meanwhile. */
  function restore(counted: ReadonlyMap<string, Tally>) {
    for (const [id, earlier] of counted) {
      const later = tallies.get(id) ?? NOTHING
      tallies.set(id, {
        succeeded: earlier.succeeded || later.succeeded,
        failures: later.succeeded ? later.failures : earlier.failures + later.failures,
        exhausted: earlier.exhausted + later.exhausted,
      })
    }
  }

  return { observe, settle, gone }
}
