import { setTimeout as delay } from "node:timers/promises"
import { residentMb } from "../../../bench/support/usage.ts"
import { addTenant } from "../../support/onehook.ts"
import { type Account, demand, type Fault } from "../fault.ts"
import type { Lab } from "../lab.ts"
import { startLoad } from "../load.ts"
import { checked, startPair } from "../under-load.ts"

const PER_SECOND = 100
const TENANTS = 20
/** The memory of a Node.js process grows at first. */
const WARM_UP_MS = 15_000
/** One in 200 deliveries is answered with 500 and retried. */
const FAILS_ONE_IN = 200
const MAX_GROWTH_FACTOR = 1.5
/** What docs/guides/deploy.md gives a container of 512 MB. */
const SMALL_HEAP = "--max-semi-space-size=4 --max-old-space-size=160"
const SMALL_PER_SECOND = 500
const SMALL_MS = 30_000
const SMALL_MB = 350

async function soak(lab: Lab): Promise<Account> {
  const { gateway, dispatcher } = await startPair(await lab.install())
  const receiver = await lab.receiver((_received, count) => (count % FAILS_ONE_IN === 0 ? 500 : 200))
  const endpoint = { url: receiver.url, retry_schedule: [1, 1, 1] }
  const tenants = await Promise.all(Array.from({ length: TENANTS }, () => addTenant(gateway.url, endpoint)))
  const load = startLoad(lab, { url: gateway.url, tenants, receiver, perSecond: PER_SECOND })
  const memory = () => [gateway, dispatcher].map(({ child }) => residentMb(child.pid ?? 0))
  await delay(WARM_UP_MS)
  const before = memory()
  await delay(lab.soakSeconds * 1_000)
  const after = memory()
  const account = await load.stop()
  const retried = Math.floor(receiver.requests.length / FAILS_ONE_IN)
  checked({ ...account, duplicated: Math.max(0, account.duplicated - retried) })
  for (const [i, mb] of after.entries()) {
    demand(mb < (before[i] ?? 0) * MAX_GROWTH_FACTOR, `memory grows by less than half: ${before[i]} MB, then ${mb} MB`)
  }
  const grown = `gateway ${before[0]} → ${after[0]} MB, dispatcher ${before[1]} → ${after[1]} MB`
  const note = `${lab.soakSeconds} s; ${retried} answered with 500 and retried; ${grown}; ${account.note}`
  return { ...account, duplicated: account.duplicated - retried, note }
}

/** A gateway and a dispatcher, each as in a container of 512 MB. */
async function smallMemory(lab: Lab): Promise<Account> {
  const installed = await lab.install()
  const { gateway, dispatcher } = await startPair(installed, { NODE_OPTIONS: SMALL_HEAP })
  const receiver = await lab.receiver()
  const tenants = await Promise.all(
    Array.from({ length: TENANTS }, () => addTenant(gateway.url, { url: receiver.url })),
  )
  const load = startLoad(lab, { url: gateway.url, tenants, receiver, perSecond: SMALL_PER_SECOND })
  await delay(SMALL_MS)
  const used = [gateway, dispatcher].map(({ child }) => residentMb(child.pid ?? 0))
  const account = checked(await load.stop())
  const sum = used.reduce((total, mb) => total + mb, 0)
  demand(sum < SMALL_MB, `both processes use less than ${SMALL_MB} MB: ${used.join(" and ")} MB`)
  return { ...account, note: `gateway ${used[0]} MB, dispatcher ${used[1]} MB; ${account.note}` }
}

export const soaks: Fault[] = [
  { name: "small-memory", title: "500 webhooks a second in small containers", run: smallMemory },
  { name: "soak", title: "a soak", run: soak },
]
