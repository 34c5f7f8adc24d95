import type { Delivery } from "../core/delivery/delivery.ts"
import type { Endpoint } from "../core/delivery/endpoint.ts"
import type { EndpointGate } from "../core/delivery/endpoint-gate.ts"
import type { Outcome, Verdict } from "../core/delivery/outcome.ts"
import { createTimer } from "../scheduling/timer.ts"
import type { DrainDeps } from "./drain-deps.ts"
import { createHoldKeeper, restsLong } from "./hold-keeper.ts"
import type { Ticket } from "./lanes.ts"
import { createPrefetchBuffer } from "./prefetch-buffer.ts"

/** Read ahead, so that a slot that becomes free finds its next delivery in memory: more, the longer the backlog lasts. */
const READ_AHEAD = { first: 32, most: 256 }
const REPLAYS_AHEAD = 32
/**
 * Deliveries that this process holds, sent and not recorded included: memory, and what would be sent again after a
 * crash. An endpoint may hold as many as all have left free, and always a few.
 */
const MOST_HELD = 32_768
/** Whole claims that give nothing although something is due: it may not go yet, and the sweeper asks again. */
const VAIN_CLAIMS = 2
/** What part of its requests in flight an endpoint may have for replays; one at least. */
const REPLAY_PART = 1 / 4

export type IsErased = (delivery: Delivery) => boolean

export interface Drain {
  /** There may be something due. */
  wake(): void
  /** There may be a slot. */
  pump(): void
  /** The lease went to someone else, or may have: what was only read ahead is theirs now. */
  leaseLost(): void
  /** What was read ahead of these is let go and claimed anew: the store has it without content, or not at all. */
  erased(isErased: IsErased): void
  /** Takes nothing more; resolves when what was sent has been recorded and the lease is given back. */
  stop(): Promise<void>
}

/**
 * Empties one endpoint, whose lease this process holds. It waits on nothing but its own requests: while all slots of
 * the endpoint hang, the drain costs memory and no turn of anyone else.
 *
 * A delivery is held from the claim until its result is recorded, and read ahead until it is sent.
 */
export function createDrain(endpointId: string, deps: DrainDeps, onEnd: () => void): Drain {
  const buffer = createPrefetchBuffer(deps.load)
  const holds = createHoldKeeper(endpointId, deps)
  let replaysInFlight = 0
  let mayBeMore = false
  let mayBeReplays = false
  let claiming = false
  /** It would claim more if what is held were less. */
  let full = false
  let releasing = false
  /** Someone else has the lease. */
  let isTheirs = false
  let vainClaims = 0
  /** What was erased since the claim under way was asked for: it may have been read before. */
  const erasures: IsErased[] = []
  let stopping = false
  let ended = false
  let limit = READ_AHEAD.first
  /** A retry comes due while the drain is still busy with others. */
  const due = createTimer(wake)
  const gateOpens = createTimer(pump)
  const stops: (() => void)[] = []

  function wake() {
    mayBeMore = true
    pump()
  }

  function pump() {
    if (ended || releasing) return
    const endpoint = deps.endpoint(endpointId)
    if (stopping || !endpoint?.active) discardPrefetched()
    else {
      sendAhead(endpoint)
      if (sitsOut(endpoint)) return
      const wantsMore = hungry()
      full = wantsMore && buffer.size() >= room()
      if (wantsMore && !full && !claiming) void claim(endpoint)
    }
    if (!claiming && buffer.isEmpty()) void release()
  }

  const hungry = () =>
    (mayBeMore && buffer.ahead() < limit / 2) || (mayBeReplays && buffer.replaysAhead() < REPLAYS_AHEAD / 2)

  const room = () => Math.max(READ_AHEAD.first, MOST_HELD - deps.load.held)

  function sendAhead(endpoint: Endpoint) {
    const gate = deps.gate(endpoint)
    const mostReplays = Math.max(1, Math.floor(endpoint.maxConcurrency * REPLAY_PART))
    while (gate.opensAtMs() <= deps.now()) {
      const delivery = buffer.next(replaysInFlight < mostReplays)
      const ticket = delivery && deps.takeSlot(endpoint, delivery.trigger === "replay", delivery.big?.bytes)
      if (!ticket) return
      buffer.sent(delivery)
      gate.sent(ticket.sentMs)
      send(endpoint, delivery, gate, ticket)
    }
  }

  /** With the gate closed for a known time: a short one is sat out, for a long one the endpoint is given back. */
  function sitsOut(endpoint: Endpoint): boolean {
    const gate = deps.gate(endpoint)
    const restMs = gate.opensAtMs() - deps.now()
    if (restsLong(gate, deps.now())) discardPrefetched()
    const wanted = buffer.ahead() + buffer.replaysAhead() > 0 || mayBeMore || mayBeReplays
    if (!wanted || restMs <= 0 || restMs === Number.POSITIVE_INFINITY) return false
    gateOpens.startIn(restMs)
    return true
  }

  function send(endpoint: Endpoint, delivery: Delivery, gate: EndpointGate, ticket: Ticket) {
    if (ticket.isReplay) replaysInFlight += 1
    const answered = (outcome: Outcome, verdict: Verdict["kind"]) => {
      if (ticket.isReplay) replaysInFlight -= 1
      gate.answered(outcome, deps.now())
      // The endpoint may have been changed since, and has another gate then.
      holds.makeKnown(endpoint, gate)
      if (verdict !== "retry" && buffer.settled(delivery)) mayBeMore = true
      deps.giveSlotBack(ticket)
      pump()
    }
    deps
      .attempt(endpoint, delivery, answered)
      .then(({ retryInMs }) => {
        if (retryInMs !== null && !ended) due.startIn(retryInMs)
      })
      .catch((error) => deps.onError(error, endpointId))
      .finally(() => {
        buffer.recorded(delivery)
        if (full || buffer.isEmpty()) pump()
      })
  }

  async function claim(endpoint: Endpoint) {
    const claimCursor = deps.claimCursor(endpoint)
    const { ordered } = endpoint
    claiming = true
    mayBeMore = false
    mayBeReplays = false
    const replays = REPLAYS_AHEAD - buffer.replaysAhead()
    try {
      const after = claimCursor.next(buffer.isEmpty(), ordered)
      const askedMs = deps.now()
      const most = Math.min(limit, room())
      erasures.length = 0
      const claimed = await deps.claim({ endpointId, limit: most, replays, after, ordered, ...buffer.forClaim() })
      const tookMs = deps.now() - askedMs
      isTheirs = claimed.holder !== deps.holder
      if (isTheirs) deps.handOver(claimed.holder, endpointId)
      if (claimed.hold) holds.learn(claimed.hold)
      for (const delivery of claimed.deliveries) {
        const isErased = erasures.some((is) => is(delivery))
        if (!(isErased ? buffer.refuse(delivery) : buffer.add(delivery))) mayBeMore = true
      }
      if (claimed.deliveries.length > 0) vainClaims = 0
      else if (after === "") vainClaims += 1
      const filled = claimed.deliveries.length >= most
      claimCursor.claimed({ deliveries: claimed.deliveries, filled, latest: claimed.latest, tookMs })
      if (erasures.length > 0) claimCursor.reset()
      mayBeReplays = claimed.deliveries.some(({ trigger }) => trigger === "replay")
      if (filled) {
        buffer.claimWasFilled()
        mayBeMore = true
        limit = Math.min(2 * limit, READ_AHEAD.most)
      } else if (after !== "") due.startIn(claimCursor.fullReadInMs())
    } catch (error) {
      claimCursor.reset()
      deps.onError(error, endpointId)
    } finally {
      claiming = false
      pump()
    }
  }

  async function release() {
    releasing = true
    due.clear()
    gateOpens.clear()
    try {
      const nextDueInMs = isTheirs ? null : await deps.release(holds.of(deps.endpoint(endpointId)))
      const endpoint = deps.endpoint(endpointId)
      if (stopping || !endpoint?.active) mayBeMore = false
      else if (nextDueInMs !== null) {
        const opensInMs = deps.gate(endpoint).opensAtMs() - deps.now()
        const nextInMs = Number.isFinite(opensInMs) ? Math.max(nextDueInMs, opensInMs) : nextDueInMs
        if (nextInMs > 0) deps.wakeLater(endpointId, nextInMs)
        else if (vainClaims < VAIN_CLAIMS) {
          deps.claimCursor(endpoint).reset()
          mayBeMore = true
        }
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

  function discardPrefetched() {
    buffer.discardPrefetched()
    const endpoint = deps.endpoint(endpointId)
    if (endpoint) deps.claimCursor(endpoint).reset()
    deps.leaveLine(endpointId)
    mayBeMore = false
    mayBeReplays = false
  }

  return {
    wake,
    pump,
    leaseLost() {
      discardPrefetched()
      pump()
    },
    erased(isErased) {
      if (claiming) erasures.push(isErased)
      if (!buffer.hasAhead(isErased)) return
      discardPrefetched()
      wake()
    },
    stop() {
      stopping = true
      const stopped = ended ? Promise.resolve() : new Promise<void>((resolve) => stops.push(resolve))
      pump()
      return stopped
    },
  }
}
