import type { Context } from "./context.ts"
import type { Seen, Sighting } from "./core/contact.ts"
import { createBatcher } from "./pipeline/batcher.ts"
import { type Commit, createIngest } from "./pipeline/ingest.ts"
import { createKnownContacts } from "./pipeline/known-contacts.ts"
import { mergeRows } from "./pipeline/merge-rows.ts"
import { createRinger } from "./pipeline/ringer.ts"
import { commit } from "./store/commit.ts"
import { commitSighted } from "./store/commit-sighted.ts"
import { ERASED_CONTACTS } from "./store/contacts.ts"
import { isBroken } from "./store/postgres.ts"

export type IngestingContext = Pick<
  Context,
  "pool" | "directory" | "queue" | "metrics" | "instanceKey" | "newId" | "onClose" | "onStoreError" | "onQueueError"
>

/** Of these twice as many at most, at some 500 bytes each. */
const KNOWN_CONTACTS = 50_000

/** The gateway's half of the pipeline: bytes in, rows and rings out. */
export async function createIngesting(context: IngestingContext) {
  const { pool, directory, queue, metrics, instanceKey, newId, onClose, onStoreError, onQueueError } = context
  const contacts = createKnownContacts(KNOWN_CONTACTS)
  const erased = await pool.listen(ERASED_CONTACTS, contacts.forget, () => contacts.forget(null))
  onClose(() => erased.close())

  async function write(webhooks: Commit[]): Promise<void> {
    const sightings = webhooks.flatMap((webhook) => webhook.sightings)
    const erasures = webhooks.flatMap((webhook) => webhook.erasures)
    const rows = (seen: ReadonlyMap<Sighting, Seen>) => mergeRows(webhooks.map((webhook) => webhook.rows(seen)))
    if (sightings.length + erasures.length === 0) {
      await commit(pool.commits, rows(new Map()))
      return
    }
    for (const [sighting, seen] of await commitSighted(pool.commits, { sightings, erasures, rows })) {
      contacts.remember(sighting, seen, Date.now())
      if (seen.conflict) metrics.aliasConflicts.inc()
    }
  }

  async function flush(webhooks: Commit[]): Promise<undefined[]> {
    try {
      await write(webhooks)
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
    contacts,
    async commit(webhook) {
      await commits.add(webhook)
      for (const fault of webhook.faults) metrics.faults.inc({ platform: fault.platform })
      for (const page of webhook.unrouted) metrics.unrouted.inc({ platform: page.platform })
    },
    ring: ringer.ring,
    instanceKey,
    newId,
    now: Date.now,
    onEvent: (platform, event) => metrics.events.inc({ platform, event }),
  })
  return { ingest, ring: ringer.ring }
}
