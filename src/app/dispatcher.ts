import { succeeded } from "../core/delivery/outcome.ts"
import { createAttempt } from "../dispatch/attempt.ts"
import { createDispatcher } from "../dispatch/dispatcher.ts"
import { createWaker } from "../scheduling/waker.ts"
import { createAddressPolicy } from "../sender/address-policy.ts"
import { createSender } from "../sender/sender.ts"
import { VERSION } from "../version.ts"
import { addressOptions } from "./config/address-options.ts"
import type { Context } from "./context.ts"
import { openDispatchStore } from "./dispatch-store.ts"
import { startHealthMonitor } from "./health-monitor.ts"
import { startHousekeeping } from "./housekeeping.ts"
import { createPeers } from "./peer-dispatchers.ts"
import { startSweeper } from "./sweeper.ts"

/**
 * How long the endpoints of a dispatcher that is cut off stay untouched. A living one renews its leases all the time;
 * of one that died, they are taken back at once.
 */
const LEASE_SECONDS = 10
const RENEW_EVERY_MS = 3_000

export interface RunningDispatcher {
  /** Whether it may send: it has a session at the store, confirmed a moment ago. */
  isLive(): boolean
}

/**
 * The dispatcher's half of the process: wakes in, requests out. Its parts stop in reverse order: first nothing new is
 * taken up, then what is in flight is finished and recorded, then connections close.
 */
export async function startDispatcher(context: Context): Promise<RunningDispatcher> {
  const { directory, queue, metrics, onStoreError, onQueueError, onClose } = context
  const sender = createSender({ version: VERSION, policy: createAddressPolicy(addressOptions(context.config)) })
  onClose(() => sender.close())
  const waker = createWaker({ wake: queue.wake, onError: onQueueError })
  onClose(() => waker.close())
  const peers = createPeers(context, LEASE_SECONDS)
  const store = await openDispatchStore(context, { holder: peers.holder, leaseSeconds: LEASE_SECONDS })
  const monitor = startHealthMonitor(context, waker.wake)

  const attempt = createAttempt({
    endpoint: directory.endpoint,
    read: store.read,
    send: sender.send,
    record: store.record,
    gone: monitor.gone,
    now: Date.now,
    random: Math.random,
    onAttempt({ endpoint, delivery, outcome, verdict, startedAtMs }) {
      metrics.deliveries.inc({ verdict })
      monitor.observe({
        endpointId: endpoint.id,
        eventId: delivery.eventId,
        succeeded: succeeded(outcome),
        exhausted: verdict === "exhausted",
      })
      if (delivery.attempts === 0) metrics.sentAfter.observe(Math.max(0, startedAtMs - delivery.createdAtMs) / 1000)
    },
  })
  const dispatcher = createDispatcher({
    holder: peers.holder,
    isLive: peers.isLive,
    endpoint: directory.endpoint,
    now: () => performance.now(),
    random: Math.random,
    claim: store.claim,
    attempt,
    release: store.release,
    hold: store.hold,
    renew: store.renew,
    renewEveryMs: RENEW_EVERY_MS,
    leaseMs: LEASE_SECONDS * 1000,
    wakeLater: (endpointId, delayMs) => void queue.wakeLater(endpointId, delayMs).catch(onQueueError),
    forwardWake: peers.forward,
    onError: onStoreError,
  })
  await peers.join(dispatcher)
  onClose(() => dispatcher.stop())

  startSweeper(context, dispatcher, waker.wake)
  startHousekeeping(context, { wake: waker.wake, takeRecorded: store.takeRecorded })
  onClose(store.stopRetrying)
  return { isLive: peers.isLive }
}
