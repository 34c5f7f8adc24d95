import type { Workload } from "./load/world.ts"
import type { Size } from "./onehook/size.ts"
import type { BareCommands } from "./peers/bare.ts"
import type { DirectCommands } from "./peers/direct.ts"
import type { JobsCommands } from "./peers/jobs.ts"
import type { JobsWorkerCommands } from "./peers/jobs-worker.ts"
import { type Account, type Harness, type Session, startSession } from "./session.ts"
import type { RedisServer } from "./support/redis.ts"
import { startTool } from "./support/tool.ts"
import { cpuMs } from "./support/usage.ts"

/** Rates in webhooks per second, latencies in milliseconds. */
export interface PeerRates {
  bare: number
  direct: number
  jobs: number
  jobs_on_disk: number
}

export interface OnehookRates {
  ingest: number
  drain: number
  both: number
  latency_p50_ms: number
  latency_p99_ms: number
}

/** CPU time per webhook in microseconds, by process. */
export type Costs = Record<string, number>

export interface Measured<R, C = Costs> {
  rates: R
  costs: C
  account: Account
}

type Pids = Record<string, number>

export async function measureBare(harness: Harness, workload: Workload): Promise<{ rates: number; costs: Costs }> {
  const session = await startSession(harness, workload, [])
  const server = startTool<BareCommands>(new URL("./peers/bare.ts", import.meta.url))
  const measure = async () => {
    const port = await server.call("start", harness.world)
    await session.warmUp(port)
    return withCosts(harness, { bare: server.pid }, session, () => session.ingestRate(port))
  }
  return measure().finally(server.stop)
}

export async function measureDirect(harness: Harness, workload: Workload): Promise<Measured<number>> {
  const session = await startSession(harness, workload, secretsOf(harness))
  const server = startTool<DirectCommands>(new URL("./peers/direct.ts", import.meta.url))
  const measure = async () => {
    const port = await server.call("start", harness.world)
    await warmUpWhole(session, port)
    return withCosts(harness, { direct: server.pid }, session, () => session.bothRate(port))
  }
  const measured = await measure().finally(server.stop)
  return { ...measured, account: await session.account() }
}

export async function measureJobs(harness: Harness, workload: Workload, redis: RedisServer): Promise<Measured<number>> {
  const session = await startSession(harness, workload, secretsOf(harness))
  const web = startTool<JobsCommands>(new URL("./peers/jobs.ts", import.meta.url))
  const worker = startTool<JobsWorkerCommands>(new URL("./peers/jobs-worker.ts", import.meta.url))
  const measure = async () => {
    await worker.call("start", harness.world, redis.url)
    const port = await web.call("start", harness.world, redis.url)
    await warmUpWhole(session, port)
    const pids = { web: web.pid, worker: worker.pid, redis: redis.pid }
    return withCosts(harness, pids, session, () => session.bothRate(port))
  }
  const measured = await measure().finally(() => Promise.all([web.stop(), worker.stop()]))
  return { ...measured, account: await session.account() }
}

async function warmUpWhole(session: Session, port: number): Promise<void> {
  await session.warmUp(port)
  await session.settle()
}

function secretsOf({ world }: Harness): string[] {
  return world.endpoints.map(({ secret }) => secret)
}

/** Measures ingest alone, draining the resulting backlog, both at once, then latency. */
export async function measureOnehook(
  harness: Harness,
  workload: Workload,
  size: Size,
): Promise<Measured<OnehookRates, Record<"ingest" | "both", Costs>>> {
  const running = await size.open()
  const pids = (): Pids => ({ ...running.processes().onehook, ...running.processes().servers })
  const session = await startSession(harness, workload, running.secrets)
  const measure = async () => {
    await session.warmUp(running.port)
    const ingest = await withCosts(harness, pids(), session, () => session.ingestRate(running.port))
    const drain = await session.drainRate(running.deliver)
    const both = await withCosts(harness, pids(), session, () => session.bothRate(running.port))
    const { p50, p99 } = await session.latency(running.port)
    const rates = { ingest: ingest.rates, drain, both: both.rates, latency_p50_ms: p50, latency_p99_ms: p99 }
    return { rates, costs: { ingest: ingest.costs, both: both.costs } }
  }
  const measured = await measure().finally(running.close)
  return { ...measured, account: await session.account() }
}

async function withCosts({ generator, receiver }: Harness, pids: Pids, session: Session, work: () => Promise<number>) {
  const all = Object.entries({ generator: generator.pid, receiver: receiver.pid, ...pids })
  const usedBefore = all.map(([, pid]) => cpuMs(pid))
  const acceptedBefore = session.accepted()
  const rates = await work()
  const webhooks = session.accepted() - acceptedBefore
  const costs = all.map(([name, pid], i) => [name, ((cpuMs(pid) - (usedBefore[i] ?? 0)) * 1000) / webhooks])
  return { rates, costs: Object.fromEntries(costs) as Costs }
}
