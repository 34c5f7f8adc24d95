import { setTimeout as delay } from "node:timers/promises"
import type { World } from "../load/world.ts"
import { settleDisk } from "../support/disk.ts"
import type { Tool } from "../support/tool.ts"
import { residentMb } from "../support/usage.ts"
import type { FairnessReceiverCommands } from "./receiver.ts"
import type { Subject } from "./subjects.ts"
import { createTraffic, type Traffic } from "./traffic.ts"
import { BEHIND, HEALTHY, hangingOf, POISON, REPLAYED, type Scenario } from "./world.ts"

export interface Fairness {
  /** Time from the receipt of the webhook at the gateway, before its commit, to the request at the endpoint. */
  healthy_p50_ms: number | null
  healthy_p99_ms: number | null
  healthy_max_ms: number | null
  /** Healthy endpoints that received nothing. */
  starved: number
  sent: number
  delivered: number
  /** Endpoints with a hanging request at the start and at the end of the measurement. */
  hanging: number
  /** Deliveries that the replay sent during the measurement; null without a replay. */
  replayed: number | null
  resident_mb: Record<string, number>
}

export interface Extent {
  seconds: number
  backlog: number
}

const HEALTHY_PER_SECOND = 50
/** Backlog of each hanging endpoint, and new messages per second for them or for the poisoned one. */
const HANGING_BACKLOG = 20
const NOISE_PER_SECOND = 20
/** Enough for the whole measurement. */
const REPLAY_BACKLOG = 30_000
const WARM_UP_S = 3
/** Time for every hanging endpoint to get a request in flight; a FIFO queue never gets there. */
const HANG_WITHIN_MS = 10_000
/** Time for the last warm-up deliveries to arrive before the measurement. */
const SETTLE_MS = 500
/** Time for the last healthy deliveries to arrive after sending ends. */
const LATE_MS = 2_000

/** Starts all failures at once, then measures the healthy endpoints. */
export async function measureFairness(
  subject: Subject,
  { world, scenario, extent }: { world: World; scenario: Scenario; extent: Extent },
  receiver: Tool<FairnessReceiverCommands>,
): Promise<Fairness> {
  const traffic = createTraffic(world, subject.port)
  const poisoned = scenario.behind === "poisoned"
  await receiver.call("reset")
  try {
    if (scenario.behind) await traffic.backlog(BEHIND, extent.backlog, poisoned ? POISON : undefined)
    for (const number of hangingOf(scenario)) await traffic.post(number, HANGING_BACKLOG)
    await subject.deliver()
    if (scenario.behind && subject.replay) await startReplay(subject.replay, traffic, receiver)
    await everyoneIsHeldUp(scenario, receiver)
    await settleDisk()
    const before = await receiver.call("status")
    const noisy = poisoned ? [BEHIND] : hangingOf(scenario)
    const noisePerSecond = noisy.length > 0 ? NOISE_PER_SECOND : 0
    const noise = traffic.steady(noisy, noisePerSecond, WARM_UP_S + extent.seconds)
    await traffic.steady(HEALTHY, HEALTHY_PER_SECOND, WARM_UP_S)
    await delay(SETTLE_MS)
    await receiver.call("startTiming")
    const sent = await traffic.steady(HEALTHY, HEALTHY_PER_SECOND, extent.seconds)
    await noise
    await delay(LATE_MS)
    const arrived = await receiver.call("stopTiming")
    const { replayed } = await receiver.call("status")
    const memory = Object.entries(subject.pids()).map(([name, pid]) => [name, residentMb(pid)])
    return {
      ...summarize(arrived),
      sent,
      delivered: arrived.length / 2,
      hanging: before.hanging,
      replayed: subject.replay ? replayed - before.replayed : null,
      resident_mb: Object.fromEntries(memory),
    }
  } finally {
    traffic.close()
  }
}

async function startReplay(
  replay: (endpoint: number) => Promise<void>,
  traffic: Traffic,
  receiver: Tool<FairnessReceiverCommands>,
): Promise<void> {
  await traffic.backlog(REPLAYED, REPLAY_BACKLOG)
  const delivered = async () => (await receiver.call("status")).replayed >= REPLAY_BACKLOG
  await soon(delivered, 60_000)
  await replay(REPLAYED)
}

const everyoneIsHeldUp = ({ hanging, behind }: Scenario, receiver: Tool<FairnessReceiverCommands>) =>
  soon(async () => {
    const status = await receiver.call("status")
    return behind === "poisoned" ? status.poisoned > 0 : status.hanging >= hanging + Number(behind !== null)
  }, HANG_WITHIN_MS)

async function soon(condition: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await condition()) && performance.now() < deadline) await delay(50)
}

function summarize(arrived: Float64Array) {
  const latencies = arrived.filter((_, i) => i % 2 === 1).sort()
  const served = new Set(arrived.filter((_, i) => i % 2 === 0))
  const quantile = (q: number) => {
    const value = latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))]
    return value === undefined ? null : Math.round(value * 10) / 10
  }
  return {
    healthy_p50_ms: quantile(0.5),
    healthy_p99_ms: quantile(0.99),
    healthy_max_ms: quantile(1),
    starved: HEALTHY.filter((number) => !served.has(number)).length,
  }
}
