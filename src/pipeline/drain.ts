import type { EndpointGate } from "../core/endpoint-gate.ts"
import type { Outcome } from "../core/outcome.ts"
import type { Delivery } from "../core/records.ts"
import type { Endpoint } from "../core/route.ts"
import { createAlarm } from "./alarm.ts"

/** Read ahead, so that a slot that becomes free finds its next delivery in memory: more, the longer the backlog lasts. */
const READ_AHEAD = { first: 32, most: 256 }
/** What an endpoint may have in flight however busy the process is. */
const GUARANTEED_SLOTS = 2
/** An endpoint whose gate stays closed for longer is given back meanwhile. */
const LONG_REST_MS = 2_000

interface HoldRequest {
  endpointId: string
  /** Zero or less for none. */
  forMs: number
  revisionMs: number
}

export interface DrainDeps {
  holder: string
  endpoint(id: string): Endpoint | undefined
  /** The gate of the endpoint, as long as nobody changes the endpoint always the same. */
  gate(endpoint: Endpoint): EndpointGate
  /** Milliseconds on a clock that is never set. */
  now(): number
  claim(request: { endpointId: string; limit: number; held: string[] }): Promise<{
    holder: string
    deliveries: Delivery[]
    hold: { forMs: number; revisionMs: number } | null
  }>
  /** Has this process slots to spare beyond what is guaranteed to each endpoint? */
  spareSlots(): boolean
  /** Sends one delivery; `answered` as soon as its slot is free, the promise when the result is recorded. */
  attempt(
    endpoint: Endpoint,
    delivery: Delivery,
    answered: (outcome: Outcome) => void,
  ): Promise<{ retryInMs: number | null }>
  /** Gives the lease back; answers in how many milliseconds the next delivery is due. */
  release(request: HoldRequest): Promise<number | null>
  /** Makes known to others for how long the gate is closed. */
  hold(request: HoldRequest): Promise<unknown>
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

/** Is the gate closed until a time so far away that the endpoint is better given back? */
export function restsLong(gate: EndpointGate, nowMs: number): boolean {
  return isLong(gate.opensAtMs(), nowMs)
}

function isLong(untilMs: number, nowMs: number): boolean {
  return untilMs > nowMs + LONG_REST_MS && untilMs !== Number.POSITIVE_INFINITY
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
  let knownHoldMs = Number.NEGATIVE_INFINITY
  /** A retry comes due while the drain is still busy with others. */
  const due = createAlarm(() => {
    mayBeMore = true
    pump()
  })
  const gateOpens = createAlarm(pump)
  const stops: (() => void)[] = []

  function pump() {
    if (ended || releasing) return
    const endpoint = deps.endpoint(endpointId)
    if (stopping || !endpoint?.active) letGo()
    else {
      sendAhead(endpoint)
      if (sitsOut(endpoint)) return
      if (mayBeMore && ahead.length < limit / 2 && !claiming) void claim()
    }
    if (!claiming && held.size === 0) void release()
  }

  function sendAhead(endpoint: Endpoint) {
    const gate = deps.gate(endpoint)
    const nowMs = deps.now()
    while (ahead.length > 0 && gate.opensAtMs() <= nowMs && (sending < GUARANTEED_SLOTS || deps.spareSlots())) {
      gate.sent(nowMs)
      send(endpoint, ahead.shift() as Delivery, gate)
    }
  }

  /** With the gate closed for a known time: a short one is sat out, for a long one the endpoint is given back. */
  function sitsOut(endpoint: Endpoint): boolean {
    const gate = deps.gate(endpoint)
    const restMs = gate.opensAtMs() - deps.now()
    if (restsLong(gate, deps.now())) letGo()
    if ((ahead.length === 0 && !mayBeMore) || restMs <= 0 || restMs === Number.POSITIVE_INFINITY) return false
    gateOpens.setIn(restMs)
    return true
  }

  function send(endpoint: Endpoint, delivery: Delivery, gate: EndpointGate) {
    sending += 1
    const answered = (outcome: Outcome) => {
      sending -= 1
      gate.answered(outcome, deps.now())
      makeHoldKnown(endpoint, gate)
      pump()
    }
    deps
      .attempt(endpoint, delivery, answered)
      .then(({ retryInMs }) => {
        if (retryInMs !== null && !ended) due.setIn(retryInMs)
      })
      .catch((error) => deps.onError(error, endpointId))
      .finally(() => {
        held.delete(delivery.id)
        if (held.size === 0) pump()
      })
  }

  /** At once, for this process may die before it gives the endpoint back. */
  function makeHoldKnown(endpoint: Endpoint, gate: EndpointGate) {
    const untilMs = gate.heldUntilMs()
    if (!isLong(untilMs, deps.now()) || untilMs < knownHoldMs + LONG_REST_MS) return
    knownHoldMs = untilMs
    deps.hold(holdOf(endpoint)).catch((error) => deps.onError(error, endpointId))
  }

  function holdOf(endpoint: Endpoint | undefined): HoldRequest {
    if (!endpoint) return { endpointId, forMs: 0, revisionMs: 0 }
    const forMs = deps.gate(endpoint).heldUntilMs() - deps.now()
    return { endpointId, forMs: Number.isFinite(forMs) ? forMs : 0, revisionMs: endpoint.revisionMs }
  }

  async function claim() {
    claiming = true
    mayBeMore = false
    try {
      const claimed = await deps.claim({ endpointId, limit, held: [...held] })
      if (claimed.holder !== deps.holder) deps.handOver(claimed.holder, endpointId)
      if (claimed.hold) learn(claimed.hold)
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

  /** What a dispatcher before us found out counts for the endpoint as it was then. */
  function learn({ forMs, revisionMs }: { forMs: number; revisionMs: number }) {
    const endpoint = deps.endpoint(endpointId)
    if (endpoint?.revisionMs === revisionMs) deps.gate(endpoint).holdUntil(deps.now() + forMs)
  }

  async function release() {
    releasing = true
    due.clear()
    gateOpens.clear()
    try {
      const nextDueInMs = await deps.release(holdOf(deps.endpoint(endpointId)))
      const endpoint = deps.endpoint(endpointId)
      if (stopping || !endpoint?.active) mayBeMore = false
      else if (nextDueInMs !== null) {
        const opensInMs = deps.gate(endpoint).opensAtMs() - deps.now()
        const nextInMs = Number.isFinite(opensInMs) ? Math.max(nextDueInMs, opensInMs) : nextDueInMs
        if (nextInMs <= 0) mayBeMore = true
        else deps.ringLater(endpointId, nextInMs)
      }
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
