import { setTimeout as delay } from "node:timers/promises"
import { residentMb } from "../../bench/support/usage.ts"
import { addTenant, messengerText, postWebhook, type Tenant } from "../support/onehook.ts"
import { until } from "../support/until.ts"
import { type Account, demand } from "./fault.ts"
import type { Lab } from "./lab.ts"
import { startLoad } from "./load.ts"
import { checked, startPair } from "./under-load.ts"

const HEALTHY_PER_SECOND = 50
const WARM_UP_MS = 1_000
/** The longest deadline of an attempt is 20 s. */
const ATTEMPT_WITHIN_MS = 40_000
const POLL_EVERY_MS = 200
const MAX_GROWTH_MB = 100

export interface Attempt {
  number: number
  outcome: string
  verdict: string
  status: number | null
  error: string | null
  duration_ms: number
  response: string | null
}

/** Sends one event to a misbehaving endpoint beside a healthy one under load. `expect` checks the first attempt. */
export async function besideBadEndpoint(
  lab: Lab,
  url: string,
  expect: (attempt: Attempt) => void | Promise<void>,
): Promise<Account> {
  const { gateway, dispatcher } = await startPair(await lab.install())
  const receiver = await lab.receiver()
  const bad = await addTenant(gateway.url, { url })
  const healthy = await addTenant(gateway.url, { url: receiver.url })
  const load = startLoad(lab, { url: gateway.url, tenants: [healthy], receiver, perSecond: HEALTHY_PER_SECOND })
  await delay(WARM_UP_MS)
  const before = residentMb(dispatcher.child.pid ?? 0)
  await postWebhook(gateway.url, messengerText(bad.pageId, "m_bad"))
  const attempt = await firstAttempt(bad)
  const grown = residentMb(dispatcher.child.pid ?? 0) - before
  const account = checked(await load.stop())
  await expect(attempt)
  demand(grown < MAX_GROWTH_MB, `the dispatcher grows by less than ${MAX_GROWTH_MB} MB: ${grown} MB`)
  const { verdict, status, error, duration_ms } = attempt
  const said = `${error ?? status} after ${(duration_ms / 1000).toFixed(1)} s, then ${verdict}`
  return { ...account, note: `${said}; ${grown} MB more; healthy ${account.note}` }
}

/** Waits for the first attempt at a customer's only delivery, as the API shows it. */
export async function firstAttempt({ call }: Tenant, withinMs = ATTEMPT_WITHIN_MS): Promise<Attempt> {
  return until(
    async () => {
      await delay(POLL_EVERY_MS)
      const { data } = await call<{ data: { id: string }[] }>("GET", "/v1/deliveries")
      if (!data[0]) return undefined
      const { attempt_log } = await call<{ attempt_log: Attempt[] }>("GET", `/v1/deliveries/${data[0].id}`)
      return attempt_log.find(({ number }) => number === 1)
    },
    "the first attempt",
    withinMs,
  )
}
