import { setTimeout as delay } from "node:timers/promises"
import { hasEnded } from "../../bench/support/processes.ts"
import type { Installation } from "../support/installation.ts"
import { addTenant, type Instance } from "../support/onehook.ts"
import { type Account, demand } from "./fault.ts"
import type { Lab } from "./lab.ts"
import { startLoad } from "./load.ts"

const PER_SECOND = 100
const BEFORE_MS = 3_000
const AFTER_MS = 4_000
const TENANTS = 4
/** Most events in flight at the endpoints, plus those answered but not recorded yet. */
const IN_FLIGHT = 200
/** The design's requirement. */
const RECOVERED_WITHIN_S = 60

/** Characters of a process's log that are shown after a failure. */
const LOG_TAIL = 4_000

export interface Pair {
  gateway: Instance
  dispatcher: Instance
  /** Starts the gateway again at its old port. */
  restartGateway(): Promise<void>
  restartDispatcher(): Promise<void>
}

export async function startPair(installed: Installation, extra: Record<string, string> = {}): Promise<Pair> {
  const [gateway, dispatcher] = await Promise.all([
    installed.startRole("gateway", extra),
    installed.startRole("dispatcher", extra),
  ])
  const pair: Pair = {
    gateway,
    dispatcher,
    async restartGateway() {
      pair.gateway = await installed.startRole("gateway", { ...extra, PORT: new URL(gateway.url).port })
    },
    async restartDispatcher() {
      pair.dispatcher = await installed.startRole("dispatcher", extra)
    },
  }
  return pair
}

/** Runs a load from before the fault until after it. `disturb` resolves when the disturbed part is back. */
export async function underLoad(
  lab: Lab,
  installed: Installation,
  disturb: (pair: Pair) => Promise<unknown>,
  { extra = {}, answer }: { extra?: Record<string, string>; answer?: Parameters<Lab["receiver"]>[0] } = {},
): Promise<Account> {
  const pair = await startPair(installed, extra)
  const receiver = await lab.receiver(answer)
  const { url } = pair.gateway
  const tenants = await Promise.all(Array.from({ length: TENANTS }, () => addTenant(url, { url: receiver.url })))
  const load = startLoad(lab, { url, tenants, receiver, perSecond: PER_SECOND })
  await delay(BEFORE_MS)
  const fromMs = performance.now()
  await disturb(pair)
  const backMs = performance.now()
  await delay(AFTER_MS)
  const account = await load.stop({ fromMs, backMs })
  if (account.lost > 0) console.error(`\ndispatcher log:\n${pair.dispatcher.output().slice(-LOG_TAIL)}`)
  for (const instance of [pair.gateway, pair.dispatcher]) {
    demand(!hasEnded(instance.child), `no process exits:\n${instance.output().slice(-LOG_TAIL)}`)
  }
  await Promise.all([pair.gateway.kill(), pair.dispatcher.kill()])
  return checked(account)
}

/** Checks what must hold in every fault: nothing lost, few duplicates, quick recovery. */
export function checked(account: Account): Account {
  demand(account.lost === 0, `nothing is lost: ${account.lost} of ${account.acknowledged}`)
  demand(account.duplicated <= IN_FLIGHT, `at most ${IN_FLIGHT} events are duplicated: ${account.duplicated}`)
  demand(
    (account.recovered_s ?? 0) <= RECOVERED_WITHIN_S,
    `it recovers within ${RECOVERED_WITHIN_S} s: ${account.recovered_s} s`,
  )
  return account
}
