import type { Context } from "./context.ts"
import type { CommitRows } from "./core/records.ts"
import { createBatcher } from "./pipeline/batcher.ts"
import { createIngest } from "./pipeline/ingest.ts"
import { mergeRows } from "./pipeline/merge-rows.ts"
import { createRinger } from "./pipeline/ringer.ts"
import { commit } from "./store/commit.ts"
import { isBroken } from "./store/postgres.ts"

/** The gateway's half of the pipeline: bytes in, rows and rings out. */
export function createIngesting(context: Context) {
  const { pool, directory, queue, metrics, instanceKey, newId, onClose, onStoreError, onQueueError } = context

  async function flush(parts: CommitRows[]): Promise<undefined[]> {
    try {
      await commit(pool, mergeRows(parts))
      return []
    } catch (error) {
      onStoreError(error)
      throw error
    }
  }

  const commits = createBatcher({
    flush,
    maxItems: 128,
    concurrency: 1,
    isolate: (error) => !isBroken(error as Error),
    onFlush: (size) => metrics.batches.observe({ statement: "commit" }, size),
  })
  const ringer = createRinger({ ring: queue.ring, onError: onQueueError })
  onClose(async () => {
    await commits.drained()
    await ringer.close()
  })

  const ingest = createIngest({
    directory,
    async commit(rows) {
      await commits.add(rows)
      for (const fault of rows.faults) metrics.faults.inc({ platform: fault.platform })
      for (const page of rows.unrouted) metrics.unrouted.inc({ platform: page.platform })
    },
    ring: ringer.ring,
    instanceKey,
    newId,
    now: Date.now,
    onEvent: (platform, event) => metrics.events.inc({ platform, event }),
  })
  return { ingest, ring: ringer.ring }
}
