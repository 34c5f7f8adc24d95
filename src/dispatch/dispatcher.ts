import { createDrain, type Drain, type IsErased } from "./drain.ts"
import type { DrainDeps } from "./drain-deps.ts"
import { createEndpointMemory } from "./endpoint-memory.ts"
import { restsLong } from "./hold-keeper.ts"
import { createLanes } from "./lanes.ts"

/** How often requests that hang are looked for. */
const WATCH_EVERY_MS = 250

export interface DispatcherDeps
  extends Omit<DrainDeps, "gate" | "claimCursor" | "load" | "takeSlot" | "giveSlotBack" | "leaveLine"> {
  /** Renews the leases of these endpoints; answers with those that are still ours. */
  renew(endpointIds: string[]): Promise<Set<string>>
  renewEveryMs: number
  /** After this, a lease that was not renewed is anyone's. */
  leaseMs: number
  random(): number
}

/** The drains of this process: one an endpoint, started by a wake, ended by itself when nothing is left. */
export function createDispatcher(deps: DispatcherDeps) {
  const drains = new Map<string, Drain>()
  let stopping = false
  const memory = createEndpointMemory(deps.now, deps.random)
  const lanes = createLanes(deps.now, (endpointId) => drains.get(endpointId)?.pump())

  const drainDeps: DrainDeps = {
    ...deps,
    gate: memory.gate,
    claimCursor: memory.claimCursor,
    load: { held: 0 },
    takeSlot: lanes.take,
    giveSlotBack: lanes.giveBack,
    leaveLine: lanes.leaveLine,
  }

  const watch = setInterval(lanes.watch, WATCH_EVERY_MS)
  let renewedMs = deps.now()
  const renewal = setInterval(() => {
    memory.forgetUnused()
    const ids = [...drains.keys()]
    const askedMs = deps.now()
    if (ids.length === 0) {
      renewedMs = askedMs
      return
    }
    // Cut off from the store, or stopped for a while: by the next time someone else may send what was read ahead.
    const lapses = askedMs + deps.renewEveryMs > renewedMs + deps.leaseMs
    if (lapses) for (const id of ids) drains.get(id)?.leaseLost()
    deps
      .renew(ids)
      .then((ours) => {
        renewedMs = Math.max(renewedMs, askedMs)
        for (const id of ids) {
          if (!ours.has(id)) drains.get(id)?.leaseLost()
          else if (lapses) drains.get(id)?.wake()
        }
      })
      .catch((error) => deps.onError(error, ""))
  }, deps.renewEveryMs)

  function wakeOne(endpointId: string) {
    const endpoint = deps.endpoint(endpointId)
    if (stopping || !endpoint?.active) return
    let drain = drains.get(endpointId)
    if (!drain) {
      if (restsLong(memory.gate(endpoint), deps.now())) return
      drain = createDrain(endpointId, drainDeps, () => {
        drains.delete(endpointId)
        lanes.forget(endpointId)
      })
      drains.set(endpointId, drain)
    }
    drain.wake()
  }

  return {
    wake(endpointIds: readonly string[]) {
      for (const endpointId of endpointIds) wakeOne(endpointId)
    },
    /** Events are gone, or have lost their content: what was read of them before is not sent. */
    erased(isErased: IsErased) {
      for (const drain of drains.values()) drain.erased(isErased)
    },
    openBreakers: memory.openBreakers,
    heldEndpoints: memory.held,
    /** Requests in flight and endpoints that wait for a slot, by lane. */
    lanes: lanes.counts,
    /** @returns when every request in flight has ended, is recorded, and every lease is given back */
    async stop(): Promise<void> {
      stopping = true
      await Promise.all([...drains.values()].map((drain) => drain.stop()))
      clearInterval(renewal)
      clearInterval(watch)
    },
  }
}
