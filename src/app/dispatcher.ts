import { randomBytes } from "node:crypto"
import type { AttemptRecord, Content, Delivery } from "../core/delivery/delivery.ts"
import { succeeded } from "../core/delivery/outcome.ts"
import { createAttempt } from "../dispatch/attempt.ts"
import { createDispatcher } from "../dispatch/dispatcher.ts"
import { startReplays } from "../dispatch/replay.ts"
import { startLoop, startSweep } from "../dispatch/sweep.ts"
import { createBatcher } from "../scheduling/batcher.ts"
import { createWaker } from "../scheduling/waker.ts"
import { createAddressPolicy } from "../sender/address-policy.ts"
import { createSender } from "../sender/sender.ts"
import { isBroken } from "../store/connection/postgres.ts"
import { finishErasures } from "../store/contacts/erase-contact.ts"
import { createDrainsStore } from "../store/deliveries/drains.ts"
import { stepReplay } from "../store/deliveries/replay-step.ts"
import { recordResults } from "../store/deliveries/results.ts"
import { readContent } from "../store/events/content.ts"
import { listenForErased } from "../store/events/erased-events.ts"
import { VERSION } from "../version.ts"
import type { Context } from "./context.ts"
import { startHealthMonitor } from "./endpoint-health.ts"

/** How long the endpoints of a dispatcher that died stay untouched. A living one renews its leases all the time. */
const LEASE_SECONDS = 10
const RENEW_EVERY_MS = 3_000
const SWEEP_EVERY_MS = 1_000
const RETRY_MS = 250
/** Nobody waits for a record but the next claim, and the more share a statement, the less each costs. */
const RECORD_LINGER_MS = 10
const HAND_OVER_LINGER_MS = 2
/** Work that has been due for so long, with not one wake fetched meanwhile, means a worker that is dead. */
const SILENT_MS = 30_000
const VACUUM_EVERY_MS = 10_000
/** Below this, a vacuum is not worth its turn. */
const VACUUM_AFTER_RESULTS = 5_000
const PARTITION_EVERY_MS = 3_600_000
const REPLAYS_EVERY_MS = 1_000
const FINISH_ERASURES_EVERY_MS = 30_000

/** The dispatcher's half of the process: wakes in, requests out. */
export async function startDispatching(context: Context) {
  const { pool, directory, queue, metrics, maintenance, onStoreError, onClose } = context
  const holder = `d${randomBytes(8).toString("hex")}`
  const drains = createDrainsStore(pool.relaxed, holder, LEASE_SECONDS)
  // Nobody else can have been here: what holds a lease is a process that is gone. What it knew of holds stays.
  if (pool.embedded) await pool.query("update drains set expires_at = '-infinity'")
  await maintenance.expire(Date.now()).catch(onStoreError)
  const sender = createSender({ version: VERSION, policy: createAddressPolicy(addressOptions(context)) })
  onClose(() => sender.close())
  let closing = false
  let unvacuumed = 0

  const sized = (statement: string) => (size: number) => metrics.batches.observe({ statement }, size)
  /** One at a time: the more endpoints share a statement, the less each costs. */
  const claims = createBatcher({ flush: drains.claim, maxItems: 64, concurrency: 1, onFlush: sized("claim") })
  /** They may take long where much waits behind a failed delivery, so nobody else waits for them. */
  const orderedWholes = createBatcher({ flush: drains.claim, maxItems: 16, concurrency: 1, onFlush: sized("claim") })
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
  const handOvers = createBatcher({ flush: handOver, maxItems: 200, concurrency: 1, lingerMs: HAND_OVER_LINGER_MS })
  const waker = createWaker({ wake: queue.wake, onError: context.onQueueError })
  onClose(() => waker.close())

  /** Tells other dispatchers, each once, which of their endpoints were woken here. */
  async function handOver(wakes: { other: string; endpointId: string }[]): Promise<undefined[]> {
    for (const [other, theirs] of Map.groupBy(wakes, (wake) => wake.other)) {
      const endpointIds = new Set(theirs.map(({ endpointId }) => endpointId))
      await pool.relaxed.query("select pg_notify($1, $2)", [`onehook_${other}`, [...endpointIds].join(",")])
    }
    return []
  }

  /** A result that cannot be written now is written later: sending again would be a duplicate. */
  async function record(records: AttemptRecord[]): Promise<undefined[]> {
    await persist(
      () => recordResults(pool.relaxed, records),
      (error) => {
        throw error
      },
    )
    unvacuumed += records.length
    return []
  }

  /** As with a result: the delivery has its slot, and waits there for the store. */
  const read = (delivery: Delivery, withRaw: boolean) =>
    persist<Content | null>(
      async () => (closing ? null : readContent(pool.relaxed, delivery, withRaw)),
      () => null,
    )

  /** Does it again until the store is back. `onClosing` says what then comes of it. */
  async function persist<T>(work: () => Promise<T>, onClosing: (error: unknown) => T): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        onStoreError(error)
        if (!isBroken(error as Error)) throw error
        if (closing) return onClosing(error)
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  const watch = startHealthMonitor(context, waker.wake)
  const attempt = createAttempt({
    endpoint: directory.endpoint,
    read,
    send: sender.send,
    record: results.add,
    gone: watch.gone,
    now: Date.now,
    random: Math.random,
    onAttempt({ endpoint, delivery, outcome, verdict, startedAtMs }) {
      metrics.deliveries.inc({ verdict })
      watch.observe({
        endpointId: endpoint.id,
        eventId: delivery.eventId,
        succeeded: succeeded(outcome),
        exhausted: verdict === "exhausted",
      })
      if (delivery.attempts === 0) metrics.sentAfter.observe(Math.max(0, startedAtMs - delivery.createdAtMs) / 1000)
    },
  })

  const dispatcher = createDispatcher({
    holder,
    endpoint: directory.endpoint,
    now: () => performance.now(),
    random: Math.random,
    claim: (request) => (request.ordered && request.after === "" ? orderedWholes : claims).add(request),
    attempt,
    release: releases.add,
    hold: holds.add,
    renew: drains.renew,
    renewEveryMs: RENEW_EVERY_MS,
    leaseMs: LEASE_SECONDS * 1000,
    wakeLater: (endpointId, delayMs) => void queue.wakeLater(endpointId, delayMs).catch(context.onQueueError),
    forwardWake: (other, endpointId) => void handOvers.add({ other, endpointId }).catch(onStoreError),
    onError: onStoreError,
  })
  const handedOver = await pool.listen(
    `onehook_${holder}`,
    (endpointIds) => dispatcher.wake(endpointIds.split(",")),
    () => {},
  )
  onClose(() => handedOver.close())
  const erased = await listenForErased(pool, dispatcher.erased)
  onClose(() => erased.close())
  onClose(() => dispatcher.stop())

  const worker = queue.work(dispatcher.wake)
  const sweep = startSweep({
    overdue: maintenance.overdue,
    // Without the queue there is still this: every second, what is due is taken up here.
    wake: (endpointIds) => (queue.ready() ? waker.wake(endpointIds) : dispatcher.wake([...endpointIds])),
    onOldestDue(seconds) {
      metrics.oldestDue.set(seconds)
      metrics.openBreakers.set(dispatcher.openBreakers())
      metrics.heldEndpoints.set(dispatcher.heldEndpoints())
      for (const { lane, inFlight, waiting } of dispatcher.lanes()) {
        metrics.inFlight.set({ lane }, inFlight)
        metrics.inLine.set({ lane }, waiting)
      }
    },
    onStuck() {
      if (!queue.ready() || !worker.replaceIfSilent(SILENT_MS)) return
      context.logger.warn("work is due and the worker of the wake queue fetched nothing; another one takes its place")
    },
    onError: onStoreError,
    everyMs: SWEEP_EVERY_MS,
  })
  const partitions = startLoop(
    () => maintenance.partition(Date.now()).finally(() => maintenance.expire(Date.now())),
    PARTITION_EVERY_MS,
    onStoreError,
  )
  const erasures = startLoop(() => finishErasures(pool, onStoreError), FINISH_ERASURES_EVERY_MS, onStoreError)
  const vacuum = startLoop(
    async () => {
      if (pool.embedded) await maintenance.tidy()
      if (unvacuumed < VACUUM_AFTER_RESULTS) return
      unvacuumed = 0
      await maintenance.vacuum()
    },
    VACUUM_EVERY_MS,
    onStoreError,
  )
  const replays = startReplays({
    step: () => stepReplay(pool, (count) => Array.from({ length: count }, () => context.newId("dlv"))),
    wake: waker.wake,
    onError: onStoreError,
    everyMs: REPLAYS_EVERY_MS,
  })
  onClose(async () => {
    closing = true
    const loops = [sweep, replays, partitions, erasures, vacuum]
    await Promise.all([worker.close(), ...loops.map((loop) => loop.stop())])
  })
}

export function addressOptions({ config }: Pick<Context, "config">) {
  return {
    allowLoopback: config.loopbackOnly,
    allowedCidrs: config.endpoints.allowedCidrs,
    allowedPorts: config.endpoints.allowedPorts,
  }
}
