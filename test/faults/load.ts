import { setTimeout as delay } from "node:timers/promises"
import { messengerText, postWebhook, type Tenant } from "../support/onehook.ts"
import type { Receiver } from "../support/receiver.ts"
import type { Account } from "./fault.ts"
import type { Lab } from "./lab.ts"

/** Meta repeats webhooks that are not answered with 200 too, at longer intervals. */
const REPEAT_MS = 250
/** An event that arrives later than this after it was sent counts as delayed by the fault. */
const LATE_MS = 1_000
/** This long after an outage, deliveries should take the usual time again. */
const CALM_AFTER_MS = 2_000
/** Within this time every acknowledged event must arrive. */
const SETTLE_WITHIN_MS = 60_000

/** Start and end of the fault, by `performance.now()`. */
export interface Outage {
  fromMs: number
  backMs: number
}

interface Given {
  url: string
  tenants: readonly Tenant[]
  receiver: Receiver
  perSecond: number
}

/** Numbers the loads, so that two loads on one page send different messages. */
let loads = 0

/** Posts webhooks at a fixed rate whatever the answers, each repeated until it is answered with 200. */
export function startLoad(lab: Lab, { url, tenants, receiver, perSecond }: Given) {
  const sentAtMs: number[] = []
  const acknowledged = new Set<number>()
  const refusals = new Map<string, number>()
  const before = receiver.requests.length
  const prefix = `m_load_${++loads}_`
  const numberIn = (body: string) => {
    const at = body.indexOf(prefix)
    return at < 0 ? null : Number.parseInt(body.slice(at + prefix.length), 10)
  }
  let stopped = false
  let abandoned = false
  lab.closers.add(() => {
    stopped = abandoned = true
  })

  async function post(number: number) {
    const { pageId = "" } = tenants[number % tenants.length] ?? {}
    const body = JSON.stringify(messengerText(pageId, `${prefix}${number}`))
    while (!abandoned) {
      const response = await postWebhook(url, body).catch(() => null)
      await response?.arrayBuffer().catch(() => {})
      if (response?.status === 200) break
      const status = String(response?.status ?? "no response")
      refusals.set(status, (refusals.get(status) ?? 0) + 1)
      await delay(REPEAT_MS)
    }
    acknowledged.add(number)
  }

  async function run() {
    const startedAtMs = performance.now()
    const posts: Promise<unknown>[] = []
    while (!stopped) {
      sentAtMs.push(performance.now())
      posts.push(post(posts.length))
      await delay(Math.max(0, startedAtMs + (posts.length / perSecond) * 1000 - performance.now()))
    }
    await Promise.all(posts)
  }
  const running = run()

  /** The first arrival of each event, and the number of all arrivals. */
  function arrivals() {
    const first = new Map<number, number>()
    let all = 0
    for (const { body, atMs } of receiver.requests.slice(before)) {
      const number = numberIn(body)
      if (number === null) continue
      all += 1
      if (!first.has(number)) first.set(number, atMs)
    }
    return { first, all }
  }

  return {
    /** How many answers were not 200, by status. */
    refusals,
    /** Waits until all acknowledged events have arrived, and returns the account. */
    async stop(outage?: Outage): Promise<Account> {
      stopped = true
      await running
      const deadline = performance.now() + SETTLE_WITHIN_MS
      while (arrivals().first.size < acknowledged.size && performance.now() < deadline) await delay(50)
      const { first, all } = arrivals()
      const delays = [...first].map(([number, atMs]) => {
        const sentMs = sentAtMs[number] ?? 0
        return { sentMs, atMs, tookMs: atMs - sentMs }
      })
      const late = delays.filter(({ tookMs }) => tookMs > LATE_MS).map(({ atMs }) => atMs)
      return {
        sent: sentAtMs.length,
        acknowledged: acknowledged.size,
        delivered: first.size,
        duplicated: all - first.size,
        lost: [...acknowledged].filter((number) => !first.has(number)).length,
        away_s: outage ? seconds(outage.backMs - outage.fromMs) : null,
        recovered_s: outage ? seconds(Math.max(0, ...late.map((atMs) => atMs - outage.backMs))) : null,
        slowest_s: seconds(Math.max(0, ...delays.map(({ tookMs }) => tookMs))),
        note: latencies(delays.filter(({ sentMs }) => sentMs > (outage?.backMs ?? 0) + CALM_AFTER_MS)),
      }
    },
  }
}

const seconds = (ms: number) => Math.round(ms / 100) / 10

/** Percentiles of the time from posting a webhook to the arrival of its event. */
function latencies(delays: { tookMs: number }[]): string {
  const sorted = delays.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
  const [p50, p99] = [0.5, 0.99].map((q) => Math.round(sorted[Math.floor(sorted.length * q)] ?? Number.NaN))
  return `p50 ${p50} ms, p99 ${p99} ms`
}
