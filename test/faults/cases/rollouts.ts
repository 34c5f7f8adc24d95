import { setTimeout as delay } from "node:timers/promises"
import { startNginx } from "../../support/nginx.ts"
import { addTenant } from "../../support/onehook.ts"
import { type Account, demand, type Fault } from "../fault.ts"
import type { Lab } from "../lab.ts"
import { startLoad } from "../load.ts"
import { checked } from "../under-load.ts"

const PER_SECOND = 150
const ROUNDS = 3
const BETWEEN_MS = 2_000
const SHUTDOWN_DELAY_MS = "1000"

/** Two gateways are restarted in turn behind nginx, and no request fails: not even one that Meta would repeat. */
async function rollingRestart(lab: Lab): Promise<Account> {
  const installed = await lab.install({ SHUTDOWN_DELAY_MS })
  const start = (port = "0") => installed.startRole("gateway", { PORT: port })
  const [gateways] = await Promise.all([Promise.all([start(), start()]), installed.startRole("dispatcher")])
  const nginx = await startNginx(gateways.map(({ url }) => url))
  lab.closers.add(nginx.stop)
  const receiver = await lab.receiver()
  const tenants = await Promise.all([
    addTenant(nginx.url, { url: receiver.url }),
    addTenant(nginx.url, { url: receiver.url }),
  ])
  const load = startLoad(lab, { url: nginx.url, tenants, receiver, perSecond: PER_SECOND })
  await delay(BETWEEN_MS)
  const fromMs = performance.now()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, gateway] of gateways.entries()) {
      demand((await gateway.kill("SIGTERM")) === 0, `the gateway exits with 0:\n${gateway.output()}`)
      gateways[index] = await start(new URL(gateway.url).port)
      await delay(BETWEEN_MS)
    }
  }
  const account = checked(await load.stop({ fromMs, backMs: performance.now() }))
  const refusals = [...load.refusals].map(([status, times]) => `${times} times ${status}`)
  const failed = () => `no request fails in ${ROUNDS * 2} restarts: ${refusals.join(", ")}\n${failures(nginx.log())}`
  demand(refusals.length === 0, failed())
  return { ...account, away_s: null, recovered_s: null, note: `0 failed requests in ${ROUNDS * 2} restarts` }
}

/** Refused connections are normal in a restart: nginx tries the other gateway. */
const failures = (log: string) =>
  log
    .split("\n")
    .filter((line) => !line.includes("Connection refused"))
    .join("\n")

export const rollouts: Fault[] = [
  { name: "rolling-restart", title: "rolling restart of two gateways behind nginx", run: rollingRestart },
]
