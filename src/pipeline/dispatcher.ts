import { createDrain, type Drain, type DrainDeps, restsLong } from "./drain.ts"
import { createEndpointMemory } from "./endpoint-memory.ts"

/** Requests in flight that all endpoints share. More are only what each is guaranteed, so nobody is shut out. */
const SHARED_SLOTS = 256

export interface DispatcherDeps extends Omit<DrainDeps, "spareSlots" | "gate"> {
  /** Renews the leases of these endpoints; answers with those that are still ours. */
  renew(endpointIds: string[]): Promise<Set<string>>
  renewEveryMs: number
  random(): number
}

/** The drains of this process: one an endpoint, started by a wake, ended by itself when nothing is left. */
export function createDispatcher(deps: DispatcherDeps) {
  const drains = new Map<string, Drain>()
  let stopping = false
  let inFlight = 0
  const memory = createEndpointMemory(deps.now, deps.random)

  const drainDeps: DrainDeps = {
    ...deps,
    spareSlots: () => inFlight < SHARED_SLOTS,
    gate: memory.gate,
    attempt(endpoint, delivery, answered) {
      inFlight += 1
      return deps.attempt(endpoint, delivery, (outcome) => {
        inFlight -= 1
        answered(outcome)
      })
    },
  }

  const renewal = setInterval(() => {
    memory.forgetUnused()
    const ids = [...drains.keys()]
    if (ids.length === 0) return
    deps
      .renew(ids)
      .then((ours) => {
        for (const id of ids) if (!ours.has(id)) drains.get(id)?.leaseLost()
      })
      .catch((error) => deps.onError(error, ""))
  }, deps.renewEveryMs)

  function wakeOne(endpointId: string) {
    const endpoint = deps.endpoint(endpointId)
    if (stopping || !endpoint?.active) return
    let drain = drains.get(endpointId)
    if (!drain) {
      if (restsLong(memory.gate(endpoint), deps.now())) return
      drain = createDrain(endpointId, drainDeps, () => drains.delete(endpointId))
      drains.set(endpointId, drain)
    }
    drain.wake()
  }

  return {
    wake(endpointIds: readonly string[]) {
      for (const endpointId of endpointIds) wakeOne(endpointId)
    },
    openBreakers: memory.openBreakers,
    /** @returns when every request in flight has ended, is recorded, and every lease is given back */
    async stop(): Promise<void> {
      stopping = true
      await Promise.all([...drains.values()].map((drain) => drain.stop()))
      clearInterval(renewal)
    },
  }
}
