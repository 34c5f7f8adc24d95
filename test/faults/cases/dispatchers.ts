import { setTimeout as delay } from "node:timers/promises"
import { type Account, demand, type Fault } from "../fault.ts"
import { underLoad } from "../under-load.ts"

/** At 25 events a second each, endpoints that answer after this always have a request in flight, and so a lease. */
const ANSWER_AFTER_MS = 200
const answer = () => delay(ANSWER_AFTER_MS, 200)

const SLOWEST_S = { restarted: 2.5, other: 1.5 }

function quick(account: Account, mostS: number): Account {
  const slowestS = account.slowest_s ?? 0
  demand(
    slowestS <= mostS,
    `every event arrives within ${mostS} s: the slowest took ${slowestS} s; away ${account.away_s} s`,
  )
  return { ...account, note: `slowest ${slowestS} s, ${account.note}` }
}

export const dispatchers: Fault[] = [
  {
    name: "busy-dispatcher-killed",
    title: "kill -9 of the dispatcher, with all endpoints leased",
    async run(lab) {
      const installed = await lab.install()
      const account = await underLoad(
        lab,
        installed,
        async ({ dispatcher, restartDispatcher }) => {
          await dispatcher.kill("SIGKILL")
          await restartDispatcher()
        },
        { answer },
      )
      return quick(account, SLOWEST_S.restarted)
    },
  },
  {
    name: "one-dispatcher-killed",
    title: "kill -9 of one of two dispatchers, with all endpoints leased",
    async run(lab) {
      const installed = await lab.install()
      const account = await underLoad(
        lab,
        installed,
        async (pair) => {
          // The first one has taken every endpoint by now, and keeps it.
          const { dispatcher, restartDispatcher } = pair
          await restartDispatcher()
          await delay(1_000)
          await dispatcher.kill("SIGKILL")
        },
        { answer },
      )
      return quick(account, SLOWEST_S.other)
    },
  },
]
