import { setTimeout as delay } from "node:timers/promises"
import { type Account, demand, type Fault } from "../fault.ts"
import { underLoad } from "../under-load.ts"

/** At 25 events a second each, endpoints that answer after this always have a request in flight, and so a lease. */
const ANSWER_AFTER_MS = 200
const answer = () => delay(ANSWER_AFTER_MS, 200)

/** From the kill until the slowest event, beyond the time that a process needs to start on this machine (about 1 s). */
const SLOWEST_S = 1.5

function quick(account: Account, startS = 0): Account {
  const slowestS = account.slowest_s ?? 0
  const mostS = startS + SLOWEST_S
  demand(slowestS <= mostS, `every event arrives within ${mostS} s: the slowest took ${slowestS} s`)
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
      return quick(account, account.away_s ?? 0)
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
      return quick(account)
    },
  },
]
