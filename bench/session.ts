import { setTimeout as delay } from "node:timers/promises"
import type { GeneratorCommands, LoadResult } from "./load/generator.ts"
import type { Workload, World } from "./load/world.ts"
import type { ReceiverCommands } from "./receiver.ts"
import { settleDisk } from "./support/disk.ts"
import type { Tool } from "./support/tool.ts"

export interface Harness {
  generator: Tool<GeneratorCommands>
  receiver: Tool<ReceiverCommands>
  world: World
  seconds: number
  warmUpSeconds: number
  connections: number
}

/** Totals of accepted webhooks and their deliveries. */
export interface Account {
  accepted: number
  deliveries: number
  lost: number
  duplicated: number
  refused: number
  badSignatures: number
}

const LATENCY_PER_SECOND = 500
/** If nothing arrives for this long, nothing more will. */
const IDLE_MS = 15_000
const SETTLE_LIMIT_MS = 300_000
/** Webhooks built before the first load of a session, whose speed is not known yet. */
const FIRST_STOCK_PER_SECOND = 15_000
const STOCK_LIMIT = 400_000
const ALLOW_EVERY_MS = 20

/**
 * One gateway under one workload: sends the load, waits for the deliveries and counts them. Rates are webhooks per
 * second, with all their deliveries. Dirty pages are flushed between measurements, so that none pays for earlier
 * writes.
 */
export async function startSession(
  { generator, receiver, world, ...times }: Harness,
  workload: Workload,
  secrets: string[],
) {
  await generator.call("reset", world, workload)
  await receiver.call("reset", secrets)
  const total = { accepted: 0, deliveries: 0, refused: 0 }
  let fastest = FIRST_STOCK_PER_SECOND

  function add<R extends LoadResult>(result: R): R {
    total.accepted += result.accepted
    total.deliveries += result.deliveries
    for (const count of Object.values(result.refused)) total.refused += count
    return result
  }

  async function load(port: number, seconds: number): Promise<LoadResult> {
    const ready = Math.min(STOCK_LIMIT, Math.ceil(fastest * seconds * 1.2))
    await settleDisk()
    const result = add(await generator.call("closed", port, times.connections, seconds, ready))
    fastest = Math.max(fastest, perSecond(result.accepted, result.startedAtMs, result.endedAtMs))
    return result
  }

  /** Load at the rate of delivery: sends the next webhook when fewer than `mostBehind` deliveries are outstanding. */
  async function keepUp(port: number, seconds: number, mostBehind: number): Promise<LoadResult> {
    const before = total.deliveries
    const loading = generator.call("closed", port, times.connections, seconds, 0)
    const ended = loading.then(
      () => true,
      () => true,
    )
    do {
      const { distinct } = await receiver.call("status")
      await generator.call("allow", distinct - before + mostBehind)
    } while (!(await Promise.race([ended, delay(ALLOW_EVERY_MS, false)])))
    await generator.call("allow", Number.POSITIVE_INFINITY)
    return add(await loading)
  }

  /** Waits for all deliveries of accepted webhooks to arrive. */
  const settle = () => receiver.call("until", total.deliveries, IDLE_MS, SETTLE_LIMIT_MS)

  return {
    keepUp,
    settle,
    accepted: () => total.accepted,
    expected: () => total.deliveries,
    warmUp: (port: number) => load(port, times.warmUpSeconds),

    /** The rate of acceptance, without delivery. */
    async ingestRate(port: number): Promise<number> {
      const result = await load(port, times.seconds)
      return perSecond(result.accepted, result.startedAtMs, result.endedAtMs)
    },

    /** Acceptance and delivery at once: accepted webhooks per time until the last arrival; 0 if any did not arrive. */
    async bothRate(port: number): Promise<number> {
      const result = await load(port, times.seconds)
      const { distinct, lastAtMs } = await settle()
      if (distinct < total.deliveries) return 0
      return perSecond(result.accepted, result.startedAtMs, Math.max(lastAtMs, result.endedAtMs))
    },

    /** The rate of delivery of a backlog, without its first second, in which the process is cold. */
    async drainRate(deliver: () => Promise<void>): Promise<number> {
      await settleDisk()
      await receiver.call("startTiming")
      await deliver()
      const { lastAtMs } = await settle()
      const arrivals = await receiver.call("stopTiming")
      const times = arrivals.filter((_, i) => i % 2 === 1)
      const firstAtMs = times[0] ?? lastAtMs
      const fromMs = lastAtMs - firstAtMs > 2000 ? firstAtMs + 1000 : firstAtMs
      const counted = times.filter((atMs) => atMs >= fromMs).length
      return (perSecond(counted, fromMs, lastAtMs) * total.accepted) / total.deliveries
    },

    /** Milliseconds from a webhook's scheduled sending to the arrival of its event, at 500 webhooks per second. */
    async latency(port: number): Promise<{ p50: number; p99: number }> {
      await settleDisk()
      await receiver.call("startTiming")
      const { due, first } = add(await generator.call("open", port, LATENCY_PER_SECOND, times.seconds))
      await settle()
      const arrivals = await receiver.call("stopTiming")
      const delays: number[] = []
      for (let i = 0; i < arrivals.length; i += 2) {
        const event = Math.floor((arrivals[i] ?? 0) / 2)
        delays.push((arrivals[i + 1] ?? 0) - (due[event - first] ?? Number.NaN))
      }
      delays.sort((a, b) => a - b)
      const quantile = (q: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * q))] ?? Number.NaN
      return { p50: quantile(0.5), p99: quantile(0.99) }
    },

    /** Compares expected with actual arrivals, delivery by delivery. Call it after all sending has ended. */
    async account(): Promise<Account> {
      const expected = await generator.call("expected")
      const counts = await receiver.call("counts", expected.length)
      const { badSignatures } = await receiver.call("status")
      const account = { ...total, lost: 0, duplicated: 0, badSignatures }
      for (let delivery = 0; delivery < counts.length; delivery++) {
        const wanted = ((expected[delivery >> 1] ?? 0) >> (delivery & 1)) & 1
        const arrived = counts[delivery] ?? 0
        if (arrived < wanted) account.lost++
        else account.duplicated += arrived - wanted
      }
      return account
    },
  }
}

export type Session = Awaited<ReturnType<typeof startSession>>

function perSecond(count: number, fromMs: number, toMs: number): number {
  return toMs > fromMs ? (count / (toMs - fromMs)) * 1000 : 0
}
