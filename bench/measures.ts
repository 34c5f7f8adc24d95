import type { Workload } from "./load/world.ts"
import type { Running, Size } from "./onehook/size.ts"
import type { BareCommands } from "./peers/bare.ts"
import type { DirectCommands } from "./peers/direct.ts"
import type { JobsCommands } from "./peers/jobs.ts"
import type { JobsWorkerCommands } from "./peers/jobs-worker.ts"
import { type Account, type Harness, type Session, startSession } from "./session.ts"
import { startTool } from "./support/tool.ts"
import { cpuMs } from "./support/usage.ts"

/** Webhooks per second, except for the latencies. */
export interface PeerRates {
  bare: number
  direct: number
  jobs: number
}

export interface OnehookRates {
  ingest: number
  drain: number
  both: number
  latency_p50_ms: number
  latency_p99_ms: number
}

export interface Measured<R> {
  rates: R
  account: Account
}

export async function measureBare(harness: Harness, workload: Workload): Promise<number> {
  const session = await startSession(harness, workload, [])
  const server = startTool<BareCommands>(new URL("./peers/bare.ts", import.meta.url))
  try {
    const port = await server.call("start", harness.world)
    await session.warmUp(port)
    return await session.ingestRate(port)
  } finally {
    await server.stop()
  }
}

export async function measureDirect(harness: Harness, workload: Workload): Promise<Measured<number>> {
  const session = await startSession(harness, workload, secretsOf(harness))
  const server = startTool<DirectCommands>(new URL("./peers/direct.ts", import.meta.url))
  const measure = async () => warmBothRate(session, await server.call("start", harness.world))
  const rates = await measure().finally(server.stop)
  return { rates, account: await session.account() }
}

export async function measureJobs(harness: Harness, workload: Workload, redisUrl: string): Promise<Measured<number>> {
  const session = await startSession(harness, workload, secretsOf(harness))
  const web = startTool<JobsCommands>(new URL("./peers/jobs.ts", import.meta.url))
  const worker = startTool<JobsWorkerCommands>(new URL("./peers/jobs-worker.ts", import.meta.url))
  const measure = async () => {
    await worker.call("start", harness.world, redisUrl)
    return warmBothRate(session, await web.call("start", harness.world, redisUrl))
  }
  const rates = await measure().finally(() => Promise.all([web.stop(), worker.stop()]))
  return { rates, account: await session.account() }
}

async function warmBothRate(session: Session, port: number): Promise<number> {
  await session.warmUp(port)
  await session.settle()
  return session.bothRate(port)
}

function secretsOf({ world }: Harness): string[] {
  return world.endpoints.map(({ secret }) => secret)
}

/** Ingest alone, then draining what that left, then both at once, then the latency. */
export async function measureOnehook(
  harness: Harness,
  workload: Workload,
  size: Size,
): Promise<Measured<OnehookRates> & { cpu: Record<string, number> }> {
  const running = await size.open()
  const session = await startSession(harness, workload, running.secrets)
  const measure = async () => {
    await session.warmUp(running.port)
    const ingest = await session.ingestRate(running.port)
    const drain = await session.drainRate(running.deliver)
    const { both, cpu } = await measureBoth(harness, session, running)
    const { p50, p99 } = await session.latency(running.port)
    return { cpu, rates: { ingest, drain, both, latency_p50_ms: p50, latency_p99_ms: p99 } }
  }
  const measured = await measure().finally(running.close)
  return { ...measured, account: await session.account() }
}

/** With the CPU time per webhook of everything that takes part, in microseconds. */
async function measureBoth({ generator, receiver }: Harness, session: Session, { port, processes }: Running) {
  const { onehook, servers } = processes()
  const pids = Object.entries({ generator: generator.pid, receiver: receiver.pid, ...onehook, ...servers })
  const usedBefore = pids.map(([, pid]) => cpuMs(pid))
  const acceptedBefore = session.accepted()
  const both = await session.bothRate(port)
  const webhooks = session.accepted() - acceptedBefore
  const costs = pids.map(([name, pid], i) => [name, ((cpuMs(pid) - (usedBefore[i] ?? 0)) * 1000) / webhooks])
  return { both, cpu: Object.fromEntries(costs) as Record<string, number> }
}
