import { setTimeout as delay } from "node:timers/promises"
import { Redis } from "ioredis"
import { inParallel } from "../../../bench/support/in-parallel.ts"
import { listenForRequests, OK } from "../../../bench/support/requests.ts"
import { residentMb } from "../../../bench/support/usage.ts"
import { addTenant, postWebhook, type Tenant } from "../../support/onehook.ts"
import { until } from "../../support/until.ts"
import { batchOf, createCounter, postBulk } from "../bulk.ts"
import { type Account, demand, type Fault } from "../fault.ts"
import type { Lab } from "../lab.ts"
import { startLoad } from "../load.ts"
import { checked, startPair } from "../under-load.ts"

const UNAVAILABLE = Buffer.from("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n")
const HEALTHY_PER_SECOND = 50
const MEASURE_MS = 10_000
const BEHIND = 100_000
const MILLION = 1_000_000
const STORM_ENDPOINTS = 500
const STORM_EACH = 20
/** Stands for an hour: the endpoints' retry schedules and the first probes of the breaker fall into it. */
const STORM_OUTAGE_MS = 40_000
const DEPLOY_OUTAGE_MS = 4_000
const DEPLOY_PER_SECOND = 100
const DEPLOY_RECOVERED_WITHIN_S = 8
const RETRY_SCHEDULE_S = [...Array(19)].map(() => 5)
const MAX_REDIS_MB = 50
const MAX_GROWTH_MB = 60

/** A gateway and a dispatcher with a healthy customer, and a server for the others that answers with `answer`. */
async function setting(lab: Lab, answer: (body: Buffer) => Buffer | null) {
  const redis = await lab.redis()
  const pair = await startPair(await lab.install({ REDIS_URL: redis.url }))
  const { url } = pair.gateway
  const receiver = await lab.receiver()
  const healthy = await addTenant(url, { url: receiver.url })
  const port = await listenForRequests((_head, body) => answer(body))
  const load = () => startLoad(lab, { url, tenants: [healthy], receiver, perSecond: HEALTHY_PER_SECOND })
  return { redis, pair, url, load, endpointUrl: `http://127.0.0.1:${port}/hook` }
}

async function hangingBehind(lab: Lab): Promise<Account> {
  const counter = createCounter()
  let hangs = true
  const { url, load, endpointUrl } = await setting(lab, (body) => {
    if (hangs) return null
    counter.count(body)
    return OK
  })
  const tenant = await addTenant(url, { url: endpointUrl, max_concurrency: 100 })
  await postBulk(url, tenant.pageId, BEHIND)
  const beside = load()
  const fromMs = performance.now()
  await delay(MEASURE_MS)
  const account = checked(await beside.stop())
  hangs = false
  const backMs = performance.now()
  await until(() => counter.distinct() === BEHIND, "the backlog to arrive", 180_000)
  return withBacklog(account, counter, BEHIND, { fromMs, backMs })
}

async function retryStorm(lab: Lab): Promise<Account> {
  const counter = createCounter()
  let refused = 0
  let isDown = true
  const { url, load, endpointUrl } = await setting(lab, (body) => {
    if (isDown) {
      refused += 1
      return UNAVAILABLE
    }
    counter.count(body)
    return OK
  })
  const endpoint = { url: endpointUrl, retry_schedule: RETRY_SCHEDULE_S }
  const numbers = Array.from({ length: STORM_ENDPOINTS }, (_, i) => i)
  const tenants: Tenant[] = await inParallel(numbers, () => addTenant(url, endpoint))
  const fromMs = performance.now()
  await inParallel(tenants, ({ pageId }) => postBulk(url, pageId, STORM_EACH))
  await delay(STORM_OUTAGE_MS)
  const duringOutage = refused
  isDown = false
  const backMs = performance.now()
  const beside = load()
  const count = STORM_ENDPOINTS * STORM_EACH
  await until(() => counter.distinct() === count, "all events", 180_000)
  const account = withBacklog(checked(await beside.stop()), counter, count, { fromMs, backMs })
  return { ...account, note: `${duringOutage} refused in an hour shortened to 40 s; healthy ${account.note}` }
}

/** A customer restarts its server while events come in. */
async function shortOutage(lab: Lab): Promise<Account> {
  const counter = createCounter()
  let isDown = false
  const { url, load, endpointUrl } = await setting(lab, (body) => {
    if (isDown) return UNAVAILABLE
    counter.count(body)
    return OK
  })
  const tenant = await addTenant(url, { url: endpointUrl })
  const beside = load()
  let sent = 0
  async function sendFor(ms: number) {
    const each = DEPLOY_PER_SECOND / 10
    for (const endMs = performance.now() + ms; performance.now() < endMs; sent += each) {
      await Promise.all([postWebhook(url, batchOf(tenant.pageId, sent, each)), delay(100)])
    }
  }
  await sendFor(2_000)
  isDown = true
  const fromMs = performance.now()
  await sendFor(DEPLOY_OUTAGE_MS)
  isDown = false
  const backMs = performance.now()
  await until(() => counter.distinct() === sent, "all events", 60_000)
  const account = withBacklog(checked(await beside.stop()), counter, sent, { fromMs, backMs })
  const recovered = account.recovered_s ?? 0
  demand(
    recovered <= DEPLOY_RECOVERED_WITHIN_S,
    `everything arrives within ${DEPLOY_RECOVERED_WITHIN_S} s: ${recovered} s`,
  )
  return account
}

async function memory(lab: Lab): Promise<Account> {
  const { redis, pair, url, load, endpointUrl } = await setting(lab, () => null)
  const calm = load()
  await delay(MEASURE_MS)
  const before = await calm.stop()
  const residentBefore = residentMb(pair.dispatcher.child.pid ?? 0)
  const tenant = await addTenant(url, { url: endpointUrl })
  await postBulk(url, tenant.pageId, MILLION)
  const beside = load()
  await delay(3 * MEASURE_MS)
  const account = checked(await beside.stop())
  const grown = residentMb(pair.dispatcher.child.pid ?? 0) - residentBefore
  const redisMb = await usedMemoryMb(redis.url)
  demand(redisMb < MAX_REDIS_MB, `Redis uses less than ${MAX_REDIS_MB} MB: ${redisMb} MB`)
  demand(
    grown < MAX_GROWTH_MB,
    `the dispatcher grows by less than ${MAX_GROWTH_MB} MB: ${grown} MB from ${residentBefore} MB`,
  )
  const note =
    `a million waiting: Redis ${redisMb} MB, dispatcher ${residentBefore} MB and ${grown} MB more; ` +
    `healthy ${account.note} (before: ${before.note})`
  return { ...account, note }
}

async function usedMemoryMb(url: string): Promise<number> {
  const client = new Redis(url)
  const info = await client.info("memory")
  client.disconnect()
  return Math.round((Number(/used_memory:(\d+)/.exec(info)?.[1]) / 2 ** 20) * 10) / 10
}

/** Adds the events of the backlog to the account of the healthy customer. */
function withBacklog(
  account: Account,
  counter: ReturnType<typeof createCounter>,
  count: number,
  { fromMs, backMs }: { fromMs: number; backMs: number },
): Account {
  const seconds = (ms: number) => Math.round(ms / 100) / 10
  return {
    ...account,
    sent: account.sent + count,
    acknowledged: account.acknowledged + count,
    delivered: account.delivered + counter.distinct(),
    duplicated: account.duplicated + counter.all - counter.distinct(),
    lost: account.lost + count - counter.distinct(),
    away_s: seconds(backMs - fromMs),
    recovered_s: seconds(performance.now() - backMs),
  }
}

export const crowds: Fault[] = [
  { name: "hanging-behind", title: "a hanging endpoint with a backlog of 100,000", run: hangingBehind },
  { name: "short-outage", title: "an endpoint that is down for 4 s", run: shortOutage },
  { name: "retry-storm", title: "a retry storm of 500 endpoints", run: retryStorm },
  { name: "memory", title: "a million deliveries for a dead endpoint", run: memory },
]
