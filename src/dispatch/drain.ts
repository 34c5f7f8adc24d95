import type { Delivery } from "../core/delivery/delivery.ts"
import type { Endpoint } from "../core/delivery/endpoint.ts"
import type { EndpointGate } from "../core/delivery/endpoint-gate.ts"
import type { Outcome, Verdict } from "../core/delivery/outcome.ts"
import { createTimer } from "../scheduling/timer.ts"
import type { DrainDeps } from "./drain-deps.ts"
import { createHoldKeeper, isClosedForLong } from "./hold-keeper.ts"
import type { Ticket } from "./lanes.ts"
import { createPrefetchBuffer } from "./prefetch-buffer.ts"
import { createPrefetcher, type IsErased } from "./prefetcher.ts"

/** The fraction of its requests in flight that an endpoint may use for replays; always at least one. */
const REPLAY_PART = 1 / 4

export interface Drain {
  /** The store may have deliveries that are due. */
  wake(): void
  /** A slot may be free. */
  pump(): void
  /** The lease is, or may be, another dispatcher's: drops what is prefetched. */
  leaseLost(): void
  /** Events were erased: drops what was prefetched of them and claims it again as the store has it now, if at all. */
  erased(isErased: IsErased): void
  /** Claims and sends nothing more; resolves when every result is recorded and the lease is released. */
  stop(): Promise<void>
}

/**
 * Sends the backlog of one endpoint while this process holds its lease. A delivery is held from the claim until its
 * result is recorded.
 *
 * `pump` does the next step: it sends what the gate and the slots allow, refills the buffer from the store, and
 * releases the lease when nothing is held and nothing more is due. It runs after every wake, answer, claim and timer,
 * so the drain waits on nothing: while all requests of the endpoint hang, it only uses memory.
 */
export function createDrain(endpointId: string, deps: DrainDeps, onEnd: () => void): Drain {
  const buffer = createPrefetchBuffer(deps.load)
  const holds = createHoldKeeper(endpointId, deps)
  /** For retries that come due, and for the next full read. */
  const dueTimer = createTimer(wake)
  const gateTimer = createTimer(pump)
  const prefetcher = createPrefetcher(endpointId, deps, { buffer, holds, pump, wakeIn: dueTimer.startIn })
  let replaysInFlight = 0
  let isReleasing = false
  let isStopping = false
  let hasEnded = false
  const onStopped: (() => void)[] = []

  function wake() {
    prefetcher.expectDue(true)
    pump()
  }

  function pump() {
    if (hasEnded || isReleasing) return
    const endpoint = deps.endpoint(endpointId)
    if (isStopping || !endpoint?.active) prefetcher.discard()
    else {
      if (!deps.isLive()) return
      sendReady(endpoint)
      if (waitsForGate(endpoint)) return
      prefetcher.refill(endpoint)
    }
    if (!prefetcher.isClaiming() && buffer.isEmpty()) void release()
  }

  function sendReady(endpoint: Endpoint) {
    const gate = deps.gate(endpoint)
    const maxReplays = Math.max(1, Math.floor(endpoint.maxConcurrency * REPLAY_PART))
    while (gate.opensAtMs() <= deps.now() && deps.isLive()) {
      const delivery = buffer.peek(replaysInFlight < maxReplays)
      const ticket = delivery && deps.acquireSlot(endpoint, delivery.trigger === "replay", delivery.big?.bytes)
      if (!ticket) return
      buffer.sent(delivery)
      gate.sent(ticket.sentMs)
      send(endpoint, delivery, gate, ticket)
    }
  }

  /** Waits for a gate that opens soon. If it stays closed for long, drops the prefetched, so the lease is released. */
  function waitsForGate(endpoint: Endpoint): boolean {
    const gate = deps.gate(endpoint)
    const opensInMs = gate.opensAtMs() - deps.now()
    if (isClosedForLong(gate, deps.now())) prefetcher.discard()
    if (!prefetcher.mayHaveWork() || opensInMs <= 0 || opensInMs === Number.POSITIVE_INFINITY) return false
    gateTimer.startIn(opensInMs)
    return true
  }

  function send(endpoint: Endpoint, delivery: Delivery, gate: EndpointGate, ticket: Ticket) {
    if (ticket.isReplay) replaysInFlight += 1
    const answered = (outcome: Outcome, verdict: Verdict["kind"]) => {
      if (ticket.isReplay) replaysInFlight -= 1
      // The gate that let the request through counts it, even if the endpoint was changed and has another one now.
      gate.answered(outcome, deps.now())
      holds.publish(endpoint, gate)
      if (verdict !== "retry" && buffer.settled(delivery)) prefetcher.expectDue(true)
      deps.releaseSlot(ticket)
      pump()
    }
    deps
      .attempt(endpoint, delivery, answered)
      .then(({ retryInMs }) => {
        if (retryInMs !== null && !hasEnded) dueTimer.startIn(retryInMs)
      })
      .catch((error) => deps.onError(error, endpointId))
      .finally(() => {
        buffer.recorded(delivery)
        if (prefetcher.isFull() || buffer.isEmpty()) pump()
      })
  }

  async function release() {
    isReleasing = true
    dueTimer.clear()
    gateTimer.clear()
    try {
      const isOurs = !prefetcher.isLeasedElsewhere()
      const nextDueInMs = isOurs ? await deps.release(holds.onRelease(deps.endpoint(endpointId))) : null
      const endpoint = deps.endpoint(endpointId)
      if (isStopping || !endpoint?.active) prefetcher.expectDue(false)
      else if (nextDueInMs !== null) wakeWhenDue(endpoint, nextDueInMs)
    } catch (error) {
      deps.onError(error, endpointId)
      prefetcher.expectDue(false)
    } finally {
      isReleasing = false
    }
    if (prefetcher.mayHaveDue()) return pump()
    hasEnded = true
    onEnd()
    for (const resolve of onStopped) resolve()
  }

  function wakeWhenDue(endpoint: Endpoint, nextDueInMs: number) {
    const opensInMs = deps.gate(endpoint).opensAtMs() - deps.now()
    const nextInMs = Number.isFinite(opensInMs) ? Math.max(nextDueInMs, opensInMs) : nextDueInMs
    if (nextInMs > 0) deps.wakeLater(endpointId, nextInMs)
    else prefetcher.readAgain(endpoint)
  }

  return {
    wake,
    pump,
    leaseLost() {
      prefetcher.discard()
      pump()
    },
    erased(isErased) {
      if (prefetcher.erased(isErased)) wake()
    },
    stop() {
      isStopping = true
      const stopped = hasEnded ? Promise.resolve() : new Promise<void>((resolve) => onStopped.push(resolve))
      pump()
      return stopped
    },
  }
}
