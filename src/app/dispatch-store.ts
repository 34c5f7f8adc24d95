import type { ClaimRequest } from "../core/delivery/claim.ts"
import type { AttemptRecord, Content, Delivery } from "../core/delivery/delivery.ts"
import { createBatcher } from "../scheduling/batcher.ts"
import { isBroken } from "../store/connection/postgres.ts"
import { createDrainsStore } from "../store/deliveries/drains.ts"
import { recordResults } from "../store/deliveries/results.ts"
import { readContent } from "../store/events/content.ts"
import type { Context } from "./context.ts"

const RETRY_MS = 250
/** Nobody waits for a record but the next claim, and the more share a statement, the less each costs. */
const RECORD_LINGER_MS = 10

interface Lease {
  /** The name of this dispatcher in the store, as it is now. */
  holder(): string
  leaseSeconds: number
}

/** The dispatcher's statements, batched. Results and contents are retried until the store is back. */
export async function openDispatchStore({ pool, metrics, onStoreError }: Context, { holder, leaseSeconds }: Lease) {
  // The embedded store belongs to one process, so a lease in it is one of a process that has ended. Its holds stay.
  if (pool.embedded) await pool.query("update drains set expires_at = '-infinity'; delete from dispatchers")
  const drains = createDrainsStore(pool.relaxed, holder, leaseSeconds)
  const retry = createRetry(onStoreError)
  let recorded = 0

  const sized = (statement: string) => (size: number) => metrics.batches.observe({ statement }, size)
  /** One at a time: the more endpoints share a statement, the less each costs. */
  const claims = createBatcher({ flush: drains.claim, maxItems: 64, concurrency: 1, onFlush: sized("claim") })
  /** A full read of an ordered endpoint may take long behind a failed delivery, so other claims do not wait for it. */
  const fullOrderedClaims = createBatcher({
    flush: drains.claim,
    maxItems: 16,
    concurrency: 1,
    onFlush: sized("claim"),
  })
  const releases = createBatcher({ flush: drains.release, maxItems: 256, concurrency: 1, onFlush: sized("release") })
  const holds = createBatcher({ flush: drains.hold, maxItems: 256, concurrency: 1 })
  const results = createBatcher({
    flush: record,
    maxItems: 500,
    concurrency: 2,
    lingerMs: RECORD_LINGER_MS,
    isolate: (error) => !isBroken(error as Error),
    onFlush: sized("record"),
  })

  /** A result that cannot be written now is written later: sending again would be a duplicate. */
  async function record(records: AttemptRecord[]): Promise<undefined[]> {
    await retry.run(
      () => recordResults(pool.relaxed, records),
      (error) => {
        throw error
      },
    )
    recorded += records.length
    return []
  }

  return {
    claim: (request: ClaimRequest) =>
      (request.ordered && request.after === "" ? fullOrderedClaims : claims).add(request),
    release: releases.add,
    hold: holds.add,
    renew: drains.renew,
    record: results.add,
    /** The content of a big delivery; null once retrying has stopped. */
    read: (delivery: Delivery, withRaw: boolean) =>
      retry.run<Content | null>(
        async () => (retry.stopped() ? null : readContent(pool.relaxed, delivery, withRaw)),
        () => null,
      ),
    /** How many results were recorded since the last call. */
    takeRecorded(): number {
      const taken = recorded
      recorded = 0
      return taken
    },
    /** What fails from now on is not tried again: the process is stopping. */
    stopRetrying: retry.stop,
  }
}

/** Repeats work while the store is unavailable. */
function createRetry(onError: (error: unknown) => void) {
  let stopped = false
  return {
    stopped: () => stopped,
    stop() {
      stopped = true
    },
    /** @param onStopped decides the result of work that failed after `stop` */
    async run<T>(work: () => Promise<T>, onStopped: (error: unknown) => T): Promise<T> {
      for (;;) {
        try {
          return await work()
        } catch (error) {
          onError(error)
          if (!isBroken(error as Error)) throw error
          if (stopped) return onStopped(error)
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        }
      }
    },
  }
}
