import type { CommitRows } from "../core/commit-rows.ts"
import { AliasTakenError } from "../core/contact/assign-aliases.ts"
import type { Sighting } from "../core/contact/contact.ts"
import { resolveContacts, type StoredContacts } from "../core/contact/resolve-contacts.ts"
import { createIngest } from "../ingest/ingest.ts"
import { createKnownContacts } from "../ingest/known-contacts.ts"
import { mergeRows } from "../ingest/merge-rows.ts"
import { createBatcher } from "../scheduling/batcher.ts"
import { createWaker } from "../scheduling/waker.ts"
import { isBroken } from "../store/connection/postgres.ts"
import { ERASED_CONTACTS } from "../store/contacts/erase-contact.ts"
import { findContacts } from "../store/contacts/find-contacts.ts"
import { commit } from "../store/events/commit.ts"
import type { Context } from "./context.ts"

export type IngestionContext = Pick<
  Context,
  "pool" | "directory" | "queue" | "metrics" | "instanceKey" | "newId" | "onClose" | "onStoreError" | "onQueueError"
>

/** Size of one cache generation; two are kept, at about 500 bytes a contact. */
const KNOWN_CONTACTS = 50_000

/** Most sightings in one lookup. */
const MOST_SIGHTINGS = 20_000
/** Most characters in one commit: a webhook may have millions, and a statement is copied several times on its way. */
const MOST_WEIGHT = 8 * 1024 * 1024
/** How many characters a delivery and an unsent message count for, by the time they take. */
const DELIVERY_WEIGHT = 400
const ERASURE_WEIGHT = 80_000

/** The gateway's half of the process: bytes in, rows and wakes out. */
export async function createIngestion(context: IngestionContext) {
  const { pool, directory, queue, metrics, instanceKey, newId, onClose, onStoreError, onQueueError } = context
  const contacts = createKnownContacts(KNOWN_CONTACTS)
  const erased = await pool.listen(ERASED_CONTACTS, contacts.forget, () => contacts.forget(null))
  onClose(() => erased.close())

  const lookups = createBatcher({
    flush: (asked: (readonly Sighting[])[]) => reporting(() => lookUp(asked)),
    maxItems: 128,
    weigh: (asked) => asked.length,
    maxWeight: MOST_SIGHTINGS,
    concurrency: 1,
    onFlush: (size) => metrics.batches.observe({ statement: "find_contacts" }, size),
  })
  const commits = createBatcher({
    flush: (webhooks: CommitRows[]) => reporting(() => write(webhooks)),
    maxItems: 256,
    weigh: weightOf,
    maxWeight: MOST_WEIGHT,
    concurrency: 1,
    isolate: (error) => error instanceof AliasTakenError || !isBroken(error as Error),
    onFlush: (size) => metrics.batches.observe({ statement: "commit" }, size),
  })

  async function lookUp(asked: (readonly Sighting[])[]): Promise<StoredContacts[]> {
    const found = await findContacts(pool.commits, asked.flat())
    return asked.map(() => found)
  }

  async function write(webhooks: CommitRows[]): Promise<undefined[]> {
    await commit(pool.commits, mergeRows(webhooks))
    return []
  }

  async function reporting<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof AliasTakenError)) onStoreError(error)
      throw error
    }
  }

  const waker = createWaker({ wake: queue.wake, onError: onQueueError })
  onClose(async () => {
    await commits.drained()
    await waker.close()
  })

  const ingest = createIngest({
    directory,
    contacts,
    async resolve(sightings) {
      return resolveContacts(sightings, await lookups.add(sightings))
    },
    async commit(rows) {
      await commits.add(rows)
      for (const fault of rows.faults) metrics.faults.inc({ platform: fault.platform })
      for (const page of rows.unrouted) metrics.unrouted.inc({ platform: page.platform })
    },
    remember({ seen }, someoneWasErased) {
      for (const [sighting, one] of seen) {
        if (!someoneWasErased) contacts.remember(sighting, one, Date.now())
        if (one.conflict) metrics.aliasConflicts.inc()
      }
    },
    wake: waker.wake,
    instanceKey,
    newId,
    now: Date.now,
    onEvent: (platform, event) => metrics.events.inc({ platform, event }),
  })
  return { ingest, wake: waker.wake }
}

function weightOf({ events, deliveries, erasures, faults }: CommitRows): number {
  let length = deliveries.length * DELIVERY_WEIGHT + erasures.length * ERASURE_WEIGHT
  for (const { body, raw } of events) length += body.length + (raw?.length ?? 0)
  for (const { item } of faults) length += item.length
  return length
}
