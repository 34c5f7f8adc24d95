import type { Delivery } from "../core/records.ts"
import type { Endpoint } from "../core/route.ts"

/** Read ahead, so that a slot that becomes free finds its next delivery in memory: more, the longer the backlog lasts. */
const READ_AHEAD = { first: 32, most: 256 }
/** What an endpoint may have in flight however busy the process is. */
const GUARANTEED_SLOTS = 2

export interface DrainDeps {
  holder: string
  endpoint(id: string): Endpoint | undefined
  claim(request: { endpointId: string; limit: number; held: string[] }): Promise<{
    holder: string
    deliveries: Delivery[]
  }>
  /** Has this process slots to spare beyond what is guaranteed to each endpoint? */
  spareSlots(): boolean
  /** Sends one delivery; `freed` as soon as its slot is, the promise when the result is recorded. */
  attempt(endpoint: Endpoint, delivery: Delivery, freed: () => void): Promise<{ retryInMs: number | null }>
  /** Gives the lease back; answers in how many milliseconds the next delivery is due. */
  release(endpointId: string): Promise<number | null>
  ringLater(endpointId: string, delayMs: number): void
  /** The endpoint is another dispatcher's: tell that one. */
  handOver(holder: string, endpointId: string): void
  onError(error: unknown, endpointId: string): void
}

export interface Drain {
  /** There may be something due. */
  wake(): void
  /** The lease went to someone else: what was only read ahead is theirs now. */
  leaseLost(): void
  /** Takes nothing more; resolves when what was sent has been recorded and the lease is given back. */
  stop(): Promise<void>
}

/**
 * Empties one endpoint, whose lease this process holds. It waits on nothing but its own requests: while all slots of
 * the endpoint hang, the drain costs memory and no turn of anyone else.
 *
 * A delivery is `held` from the claim until its result is recorded, and read ahead until it is sent.
 */
export function createDrain(endpointId: string, deps: DrainDeps, onEnd: () => void): Drain {
  let ahead: Delivery[] = []
  const held = new Set<string>()
  let sending = 0
  let mayBeMore = false
  let claiming = false
  let releasing = false
  let stopping = false
  let ended = false
  let limit = READ_AHEAD.first
  let dueTimer: NodeJS.Timeout | undefined
  let dueAtMs = Number.POSITIVE_INFINITY
  const stops: (() => void)[] = []

  function pump() {
    if (ended || releasing) return
    const endpoint = deps.endpoint(endpointId)
    const open = !stopping && endpoint?.active === true
    if (!open) letGo()
    else while (ahead.length > 0 && sending < slots(endpoint)) send(endpoint, ahead.shift() as Delivery)
    const hungry = open && mayBeMore && ahead.length < limit / 2
    if (hungry && !claiming) void claim()
    if (!claiming && held.size === 0) void release()
  }

  function slots({ maxConcurrency }: Endpoint): number {
    return deps.spareSlots() ? maxConcurrency : Math.min(maxConcurrency, GUARANTEED_SLOTS)
  }

  function send(endpoint: Endpoint, delivery: Delivery) {
    sending += 1
    const freed = () => {
      sending -= 1
      pump()
    }
    deps
      .attempt(endpoint, delivery, freed)
      .then(({ retryInMs }) => {
        if (retryInMs !== null) wakeIn(retryInMs)
      })
      .catch((error) => deps.onError(error, endpointId))
      .finally(() => {
        held.delete(delivery.id)
        if (held.size === 0) pump()
      })
  }

  async function claim() {
    claiming = true
    mayBeMore = false
    try {
      const claimed = await deps.claim({ endpointId, limit, held: [...held] })
      if (claimed.holder !== deps.holder) deps.handOver(claimed.holder, endpointId)
      if (claimed.deliveries.length === limit) {
        mayBeMore = true
        limit = Math.min(2 * limit, READ_AHEAD.most)
      }
      for (const delivery of claimed.deliveries) {
        held.add(delivery.id)
        ahead.push(delivery)
      }
    } catch (error) {
      deps.onError(error, endpointId)
    } finally {
      claiming = false
      pump()
    }
  }

  async function release() {
    releasing = true
    clearTimeout(dueTimer)
    dueAtMs = Number.POSITIVE_INFINITY
    try {
      const nextDueInMs = await deps.release(endpointId)
      const open = !stopping && deps.endpoint(endpointId)?.active === true
      if (open && nextDueInMs !== null) {
        if (nextDueInMs <= 0) mayBeMore = true
        else deps.ringLater(endpointId, nextDueInMs)
      }
      if (!open) mayBeMore = false
    } catch (error) {
      deps.onError(error, endpointId)
      mayBeMore = false
    } finally {
      releasing = false
    }
    if (mayBeMore) return pump()
    ended = true
    onEnd()
    for (const resolve of stops) resolve()
  }

  /** A retry comes due while the drain is still busy with others. */
  function wakeIn(delayMs: number) {
    const at = Date.now() + delayMs
    if (at >= dueAtMs || ended) return
    dueAtMs = at
    clearTimeout(dueTimer)
    dueTimer = setTimeout(
      () => {
        dueAtMs = Number.POSITIVE_INFINITY
        mayBeMore = true
        pump()
      },
      Math.min(delayMs, 2 ** 31 - 1),
    )
  }

  function letGo() {
    for (const delivery of ahead) held.delete(delivery.id)
    ahead = []
    mayBeMore = false
  }

  return {
    wake() {
      mayBeMore = true
      pump()
    },
    leaseLost() {
      letGo()
      pump()
    },
    stop() {
      stopping = true
      const stopped = ended ? Promise.resolve() : new Promise<void>((resolve) => stops.push(resolve))
      pump()
      return stopped
    },
  }
}
