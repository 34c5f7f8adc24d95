import { startReplays } from "../dispatch/replay.ts"
import { startLoop } from "../scheduling/loop.ts"
import { finishErasures } from "../store/contacts/erase-contact.ts"
import { stepReplay } from "../store/deliveries/replay-step.ts"
import type { Context } from "./context.ts"

const PARTITION_EVERY_MS = 3_600_000
/** A process that has just started serves first. */
const PARTITION_FIRST_AFTER_MS = 5_000
const FINISH_ERASURES_EVERY_MS = 30_000
const VACUUM_EVERY_MS = 10_000
/** Below this, a vacuum costs more than it saves. */
const VACUUM_AFTER_RESULTS = 5_000
const REPLAYS_EVERY_MS = 1_000

interface HousekeepingDeps {
  wake(endpointIds: Iterable<string>): void
  /** How many results were recorded since the last call. */
  takeRecorded(): number
}

/** What a dispatcher does beside deliveries: partitions and retention, vacuum, interrupted erasures, replays. */
export function startHousekeeping(context: Context, { wake, takeRecorded }: HousekeepingDeps): void {
  const { pool, maintenance, newId, onStoreError, onClose } = context
  let unvacuumed = 0

  async function vacuum() {
    if (pool.embedded) await maintenance.tidy()
    unvacuumed += takeRecorded()
    if (unvacuumed < VACUUM_AFTER_RESULTS) return
    unvacuumed = 0
    await maintenance.vacuum()
  }

  const loops = [
    startLoop(
      () => maintenance.partition(Date.now()).finally(() => maintenance.expire(Date.now())),
      PARTITION_EVERY_MS,
      onStoreError,
      PARTITION_FIRST_AFTER_MS,
    ),
    startLoop(() => finishErasures(pool, onStoreError), FINISH_ERASURES_EVERY_MS, onStoreError),
    startLoop(vacuum, VACUUM_EVERY_MS, onStoreError),
    startReplays({
      step: () => stepReplay(pool, (count) => Array.from({ length: count }, () => newId("dlv")), onStoreError),
      wake,
      onError: onStoreError,
      everyMs: REPLAYS_EVERY_MS,
    }),
  ]
  onClose(async () => {
    await Promise.all(loops.map((loop) => loop.stop()))
  })
}
