import type { createDispatcher } from "../dispatch/dispatcher.ts"
import { createBatcher } from "../scheduling/batcher.ts"
import { listenForErased } from "../store/events/erased-events.ts"
import type { Context } from "./context.ts"

const FORWARD_LINGER_MS = 2

type Dispatcher = Pick<ReturnType<typeof createDispatcher>, "wake" | "erased">

const channelOf = (holder: string) => `onehook_${holder}`

/** What dispatchers tell each other through the store: wakes for an endpoint that another one has leased, and erasures. */
export function listenForDispatchers({ pool, onStoreError, onClose }: Context) {
  const forwarded = createBatcher({ flush: notify, maxItems: 200, concurrency: 1, lingerMs: FORWARD_LINGER_MS })

  async function notify(wakes: { other: string; endpointId: string }[]): Promise<undefined[]> {
    for (const [other, theirs] of Map.groupBy(wakes, (wake) => wake.other)) {
      const endpointIds = new Set(theirs.map(({ endpointId }) => endpointId))
      await pool.relaxed.query("select pg_notify($1, $2)", [channelOf(other), [...endpointIds].join(",")])
    }
    return []
  }

  return {
    /** Passes a wake on to the dispatcher that has leased the endpoint. */
    forward: (other: string, endpointId: string) => void forwarded.add({ other, endpointId }).catch(onStoreError),
    async listen(holder: string, dispatcher: Dispatcher): Promise<void> {
      const handedOver = await pool.listen(
        channelOf(holder),
        (endpointIds) => dispatcher.wake(endpointIds.split(",")),
        () => {},
      )
      onClose(() => handedOver.close())
      const erased = await listenForErased(pool, dispatcher.erased)
      onClose(() => erased.close())
    },
  }
}
