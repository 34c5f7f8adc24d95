import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { describeMachine, describeVersions } from "../environment.ts"
import { startPostgres } from "../support/postgres.ts"
import { type Closers, closeOnSignal, createClosers } from "../support/processes.ts"
import { startRedis } from "../support/redis.ts"
import { startTool } from "../support/tool.ts"
import { type Fairness, measureFairness } from "./measure.ts"
import type { FairnessReceiverCommands } from "./receiver.ts"
import { openJobs, openOnehook, type Servers } from "./subjects.ts"
import { createFairnessWorld, SCENARIOS } from "./world.ts"

const { values: options } = parseArgs({
  options: {
    /** Length of each measure. */
    seconds: { type: "string", default: "30" },
    /** Size of the backlog of one endpoint. */
    backlog: { type: "string", default: "100000" },
    /** Run only the scenario of this name; no results are written. */
    only: { type: "string" },
    /** Run Onehook without the peer; no results are written. */
    "no-peer": { type: "boolean", default: false },
  },
})

/** Starts the servers and measures every scenario. @returns whether Onehook met the targets */
async function bench(closers: Closers): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "onehook-fairness-"))
  closers.add(() => rmSync(folder, { recursive: true, force: true }))
  const postgres = await startPostgres()
  closers.add(postgres.stop)
  const redis = await startRedis()
  closers.add(redis.stop)
  const receiver = startTool<FairnessReceiverCommands>(new URL("./receiver.ts", import.meta.url))
  closers.add(receiver.stop)
  const ports = { healthy: await receiver.call("listen"), hanging: await receiver.call("listen") }
  const facts = { versions: describeVersions({ postgres, redis }), machine: describeMachine() }
  const servers: Servers = { postgres, redis, folder, closers }
  const extent = { seconds: Number(options.seconds), backlog: Number(options.backlog) }
  const subjects = { onehook: openOnehook, ...(options["no-peer"] ? {} : { jobs: openJobs }) }
  const scenarios: Record<string, { target_p99_ms: number } & Record<string, Fairness | number>> = {}
  const onehook: Record<string, Fairness> = {}

  for (const scenario of SCENARIOS.filter(({ name }) => (options.only ?? name) === name)) {
    const world = createFairnessWorld(scenario, ports)
    const results: Record<string, Fairness> = {}
    for (const [name, open] of Object.entries(subjects)) {
      const subject = await open(servers, world)
      results[name] = await measureFairness(subject, { world, scenario, extent }, receiver).finally(subject.close)
      print(scenario.title, name, results[name])
    }
    scenarios[scenario.name] = { target_p99_ms: scenario.targetMs, ...results }
    if (results.onehook) onehook[scenario.name] = results.onehook
  }
  if (options.only === undefined && !options["no-peer"]) {
    const { healthy_p50_ms, healthy_p99_ms, starved } = onehook.hanging_200 as Fairness
    const text = { ...facts, ...extent, healthy_p50_ms, healthy_p99_ms, starved, scenarios }
    writeFileSync(new URL("../fairness.json", import.meta.url), `${JSON.stringify(text, null, 2)}\n`)
  }
  return SCENARIOS.every(({ name, targetMs }) => {
    const { healthy_p99_ms: p99, starved } = onehook[name] ?? { healthy_p99_ms: 0, starved: 0 }
    return p99 !== null && p99 < targetMs && starved === 0
  })
}

function print(title: string, subject: string, { resident_mb, ...fairness }: Fairness): void {
  const facts = Object.entries(fairness).map(([name, value]) => `${name} ${value ?? "none"}`)
  const memory = Object.entries(resident_mb).map(([name, mb]) => `${name} ${mb} MB`)
  console.log(`${title.padEnd(24)}${subject.padEnd(9)}${[...facts, ...memory].join(", ")}`)
}

const closers = createClosers()
const interrupted = closeOnSignal(closers)
try {
  if (!(await bench(closers))) process.exitCode = 1
} catch (error) {
  if (!interrupted()) console.error(error)
  process.exitCode = 1
} finally {
  await closers.closeAll()
}
