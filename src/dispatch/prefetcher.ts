import type { Claim } from "../core/delivery/claim.ts"
import type { Delivery } from "../core/delivery/delivery.ts"
import type { Endpoint } from "../core/delivery/endpoint.ts"
import type { DrainDeps } from "./drain-deps.ts"
import type { HoldKeeper } from "./hold-keeper.ts"
import type { PrefetchBuffer } from "./prefetch-buffer.ts"

/** Deliveries that one claim may return: doubled, up to `most`, while the backlog fills every claim. */
const CLAIM_LIMIT = { first: 32, most: 256 }
const REPLAY_LIMIT = 32
/**
 * Deliveries that this process holds, sent but unrecorded ones included. It bounds memory, and what is sent again after
 * a crash. Each endpoint may hold as many as are left, and always `CLAIM_LIMIT.first`.
 */
const MAX_HELD = 32_768
/** Full reads in a row that may return nothing although something is due; then the sweeper wakes the endpoint again. */
const MAX_EMPTY_READS = 2

export type IsErased = (delivery: Delivery) => boolean

interface DrainParts {
  buffer: PrefetchBuffer
  holds: HoldKeeper
  /** Sends what the buffer holds. */
  pump(): void
  wakeIn(delayMs: number): void
}

/** Claims the deliveries of one endpoint and keeps the prefetch buffer filled: one claim at a time. */
export function createPrefetcher(endpointId: string, deps: DrainDeps, { buffer, holds, pump, wakeIn }: DrainParts) {
  /** The store may have deliveries that are due, or replays. */
  let mayHaveDue = false
  let mayHaveReplays = false
  let isClaiming = false
  /** It would claim more, but the process holds too many deliveries. */
  let isFull = false
  let isLeasedElsewhere = false
  let emptyReads = 0
  let limit = CLAIM_LIMIT.first
  /** Erasures since the current claim was requested: the claim may have read their events before. */
  const erasures: IsErased[] = []

  const isLow = () =>
    (mayHaveDue && buffer.prefetched() < limit / 2) || (mayHaveReplays && buffer.prefetchedReplays() < REPLAY_LIMIT / 2)

  const room = () => Math.max(CLAIM_LIMIT.first, MAX_HELD - deps.load.held)

  async function claim(endpoint: Endpoint) {
    const cursor = deps.claimCursor(endpoint)
    const { ordered } = endpoint
    isClaiming = true
    mayHaveDue = false
    mayHaveReplays = false
    try {
      const after = cursor.next(buffer.isEmpty(), ordered)
      const most = Math.min(limit, room())
      const replays = REPLAY_LIMIT - buffer.prefetchedReplays()
      const requestedMs = deps.now()
      erasures.length = 0
      const claimed = await deps.claim({ endpointId, limit: most, replays, after, ordered, ...buffer.forClaim() })
      const tookMs = deps.now() - requestedMs
      const { deliveries, latest } = claimed
      const filled = deliveries.length >= most
      const isFullRead = after === ""
      accept(claimed)
      if (deliveries.length > 0) emptyReads = 0
      else if (isFullRead) emptyReads += 1
      cursor.advance({ deliveries, filled, latest, tookMs })
      if (erasures.length > 0) cursor.reset()
      if (filled) {
        buffer.claimWasFilled()
        mayHaveDue = true
        limit = Math.min(2 * limit, CLAIM_LIMIT.most)
      } else if (!isFullRead) wakeIn(cursor.fullReadInMs())
    } catch (error) {
      cursor.reset()
      deps.onError(error, endpointId)
    } finally {
      isClaiming = false
      pump()
    }
  }

  function accept({ holder, hold, deliveries }: Claim) {
    // Claimed under the name of an earlier session, whose leases may be another dispatcher's by now.
    const isVoid = deliveries.length > 0 && holder !== deps.holder()
    isLeasedElsewhere = holder !== deps.holder() && !isVoid
    if (isLeasedElsewhere) deps.forwardWake(holder, endpointId)
    if (hold) holds.apply(hold)
    for (const delivery of deliveries) {
      const isErased = erasures.some((matches) => matches(delivery))
      if (!(isErased || isVoid ? buffer.refuse(delivery) : buffer.add(delivery))) mayHaveDue = true
    }
    mayHaveReplays = deliveries.some(({ trigger }) => trigger === "replay")
  }

  function discard() {
    buffer.discardPrefetched()
    const endpoint = deps.endpoint(endpointId)
    if (endpoint) deps.claimCursor(endpoint).reset()
    deps.stopWaiting(endpointId)
    mayHaveDue = false
    mayHaveReplays = false
  }

  return {
    /** Starts a claim if the buffer is low, the store may have more, and there is room for it. */
    refill(endpoint: Endpoint) {
      const isWanted = isLow()
      isFull = isWanted && buffer.size() >= room()
      if (isWanted && !isFull && !isClaiming) void claim(endpoint)
    },
    /** Sets whether the store may have deliveries that are due. */
    expectDue(expected: boolean) {
      mayHaveDue = expected
    },
    /** Something is due after all: makes the next claim a full read, unless such reads have returned nothing. */
    readAgain(endpoint: Endpoint) {
      if (emptyReads >= MAX_EMPTY_READS) return
      deps.claimCursor(endpoint).reset()
      mayHaveDue = true
    },
    /** Drops what is prefetched and not in flight; the next claim is a full read. */
    discard,
    /** @returns whether prefetched deliveries were dropped, so that they must be claimed again */
    erased(isErased: IsErased): boolean {
      if (isClaiming) erasures.push(isErased)
      const isAffected = buffer.hasPrefetched(isErased)
      if (isAffected) discard()
      return isAffected
    },
    mayHaveDue: () => mayHaveDue,
    /** Is there anything to send, prefetched or in the store? */
    mayHaveWork: () => buffer.prefetched() + buffer.prefetchedReplays() > 0 || mayHaveDue || mayHaveReplays,
    isClaiming: () => isClaiming,
    isFull: () => isFull,
    isLeasedElsewhere: () => isLeasedElsewhere,
  }
}
