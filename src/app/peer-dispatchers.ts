import { randomBytes } from "node:crypto"
import type { createDispatcher } from "../dispatch/dispatcher.ts"
import { createDeadDispatchers, createLiveness } from "../dispatch/liveness.ts"
import { createBatcher } from "../scheduling/batcher.ts"
import type { Queryable } from "../store/connection/pool.ts"
import { createDispatcherSessions } from "../store/deliveries/dispatcher-session.ts"
import { listenForErased } from "../store/events/erased-events.ts"
import type { Context } from "./context.ts"

const FORWARD_LINGER_MS = 2
/** With `GRACE_MS`, this decides how soon others continue the work of a dispatcher that died. */
const CHECK_EVERY_MS = 100

type Dispatcher = Pick<ReturnType<typeof createDispatcher>, "wake" | "erased" | "leasesLost" | "resume">

const newHolder = () => `d${randomBytes(8).toString("hex")}`
const now = () => performance.now()

/**
 * What dispatchers tell each other through the store: that they live, wakes for an endpoint that another one has
 * leased, and erasures.
 */
export function createPeers({ pool, logger, onStoreError, onClose }: Context, leaseSeconds: number) {
  const sessions = createDispatcherSessions(pool, leaseSeconds)
  const liveness = createLiveness(now)
  const deadDispatchers = createDeadDispatchers(now)
  const forwarded = createBatcher({ flush: forward, maxItems: 200, concurrency: 1, lingerMs: FORWARD_LINGER_MS })
  let holder = newHolder()

  async function forward(wakes: { other: string; endpointId: string }[]): Promise<undefined[]> {
    for (const [other, theirs] of Map.groupBy(wakes, (wake) => wake.other)) {
      await sessions.forward(other, [...new Set(theirs.map(({ endpointId }) => endpointId))])
    }
    return []
  }

  /** Every session has a name of its own: what was leased under an earlier one may be another dispatcher's by now. */
  async function begin(connection: Queryable, previous: string | null, dispatcher: Dispatcher) {
    const next = previous === null ? holder : newHolder()
    const requestedMs = now()
    const inherited = await sessions.begin(connection, next, previous)
    holder = next
    dispatcher.leasesLost()
    liveness.confirmed(requestedMs)
    dispatcher.resume()
    dispatcher.wake(inherited)
    // At once, not only at the first check: a restarted process waits for its predecessor's leases.
    deadDispatchers.observe(await sessions.dead(connection, holder))
  }

  async function check(connection: Queryable, dispatcher: Dispatcher) {
    const requestedMs = now()
    const ended = deadDispatchers.observe(await sessions.dead(connection, holder))
    const paused = !liveness.isLive()
    liveness.confirmed(requestedMs)
    if (paused) dispatcher.resume()
    // Without waiting: the next check must not be late.
    if (ended.length > 0) void takeBack(ended, dispatcher).catch(onStoreError)
  }

  async function takeBack(holders: string[], dispatcher: Dispatcher) {
    const endpointIds = await sessions.takeBack(holders)
    if (endpointIds.length === 0) return
    logger.warn({ endpoints: endpointIds.length }, "a dispatcher has died; its endpoints are taken over")
    dispatcher.wake(endpointIds)
  }

  return {
    /** The name of this dispatcher in leases; another one after each loss of its session. */
    holder: () => holder,
    isLive: () => pool.embedded || liveness.isLive(),
    /** Passes a wake on to the dispatcher that has leased the endpoint. */
    forward: (other: string, endpointId: string) => void forwarded.add({ other, endpointId }).catch(onStoreError),

    async join(dispatcher: Dispatcher): Promise<void> {
      let previous: string | null = null
      const session = await sessions.keep({
        async onConnect(connection) {
          await begin(connection, previous, dispatcher)
          previous = holder
        },
        check: (connection) => check(connection, dispatcher),
        checkEveryMs: CHECK_EVERY_MS,
        onPayload: (endpointIds) => dispatcher.wake(endpointIds.split(",")),
        onLost: liveness.lost,
        onError: onStoreError,
      })
      onClose(async () => {
        await sessions.end(holder).finally(session.close)
      })
      const erased = await listenForErased(pool, dispatcher.erased)
      onClose(() => erased.close())
    },
  }
}
