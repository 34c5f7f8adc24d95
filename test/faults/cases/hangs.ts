import { setTimeout as delay } from "node:timers/promises"
import { freeze } from "../../../bench/support/processes.ts"
import { messengerText, postWebhook } from "../../support/onehook.ts"
import { demand, type Fault } from "../fault.ts"
import type { Lab } from "../lab.ts"
import { underLoad } from "../under-load.ts"

const HUNG_MS = 8_000
/** The deadline of a Redis call plus two sweeps, with a margin. */
const OLDEST_DUE_S = 6
/** One statement deadline for each connection that webhooks use, plus one connect deadline, with a margin. */
const ANSWERED_WITHIN_MS = 60_000

/** Freezes a process while `work` runs. */
async function frozen(lab: Lab, pid: number, work: () => Promise<unknown>): Promise<void> {
  const thaw = freeze(pid)
  lab.closers.add(thaw)
  await work()
  thaw()
}

export const hangs: Fault[] = [
  {
    name: "redis-hung",
    title: "Redis hangs for 8 s, deliveries continue",
    async run(lab) {
      const redis = await lab.redis()
      return underLoad(lab, await lab.install({ REDIS_URL: redis.url }), ({ dispatcher }) =>
        frozen(lab, redis.pid, async () => {
          await delay(HUNG_MS)
          const metrics = await (await fetch(`${dispatcher.url}/metrics`)).text()
          const oldest = Number(/^onehook_oldest_due_seconds (\S+)/m.exec(metrics)?.[1])
          demand(oldest <= OLDEST_DUE_S, `no delivery is due for more than ${OLDEST_DUE_S} s: ${oldest} s`)
        }),
      )
    },
  },
  {
    name: "postgres-hung",
    title: "Postgres hangs until webhooks are refused",
    run: async (lab) =>
      underLoad(lab, await lab.install(), ({ gateway }) =>
        frozen(lab, lab.postgres.pid, async () => {
          const sentAtMs = performance.now()
          const { status } = await postWebhook(gateway.url, messengerText("1", "m_hung"))
          demand(status === 503, `a webhook is answered with 503: ${status}`)
          const tookMs = performance.now() - sentAtMs
          demand(
            tookMs < ANSWERED_WITHIN_MS,
            `it is answered within ${ANSWERED_WITHIN_MS} ms: ${Math.round(tookMs)} ms`,
          )
        }),
      ),
  },
]
