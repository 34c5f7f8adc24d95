import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir, totalmem } from "node:os"
import { join } from "node:path"
import { describeMachine, describeVersions } from "./environment.ts"
import type { GeneratorCommands } from "./load/generator.ts"
import { createWorld, type Workload } from "./load/world.ts"
import { measureNormalize, renderNormalize } from "./normalize.ts"
import { createEmbedded } from "./onehook/embedded.ts"
import { createPostgresRedis } from "./onehook/postgres-redis.ts"
import type { Size } from "./onehook/size.ts"
import { type Options, readOptions } from "./options.ts"
import type { ReceiverCommands } from "./receiver.ts"
import { medians, type Rounds, renderTable } from "./report.ts"
import { runRound } from "./rounds.ts"
import type { Account, Harness } from "./session.ts"
import { soak } from "./soak.ts"
import { startPostgres } from "./support/postgres.ts"
import { type Closers, closeOnSignal, createClosers } from "./support/processes.ts"
import { startRedis } from "./support/redis.ts"
import { startTool } from "./support/tool.ts"

/** Starts servers, generator and receiver, and runs the chosen benchmarks. @returns whether everything arrived */
async function bench(options: Options, closers: Closers): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "onehook-bench-"))
  closers.add(() => rmSync(folder, { recursive: true, force: true }))
  const redis = await startRedis()
  closers.add(redis.stop)
  const postgres = options.sizes.includes("postgres_redis")
    ? await startPostgres({ shared_buffers: quarterOfMemory() })
    : undefined
  if (postgres) closers.add(postgres.stop)
  const versions = describeVersions({ redis, ...(postgres && { postgres }) })
  const machine = describeMachine()
  print("versions", versions)
  print("machine", machine)
  if (postgres) print("postgres", postgres.settings)
  print("redis", redis.settings)

  const generator = startTool<GeneratorCommands>(new URL("./load/generator.ts", import.meta.url))
  closers.add(generator.stop)
  const receiver = startTool<ReceiverCommands>(new URL("./receiver.ts", import.meta.url))
  closers.add(receiver.stop)
  const world = createWorld(await receiver.call("listen"))
  const harness: Harness = { generator, receiver, world, ...options }
  const sizes: Size[] = []
  if (postgres) sizes.push(await createPostgresRedis({ postgres, redis }, world, folder, closers))
  if (options.sizes.includes("embedded")) sizes.push(await createEmbedded(world, join(folder, "embedded"), closers))

  if (options.soakMinutes !== null && sizes[0]) {
    const { account, steady } = await soak(harness, sizes[0], options.soakMinutes)
    return isComplete([account]) && steady
  }
  const normalize = measureNormalize()
  console.log(renderNormalize(normalize))
  const rounds: Record<Workload, Rounds> = { simple: noRounds(), mix: noRounds() }
  const accounts: Account[] = []
  for (let round = 1; round <= options.rounds; round++) {
    console.log(`round ${round} of ${options.rounds}`)
    await runRound(harness, { sizes, redis }, rounds, accounts)
  }
  console.log(`\n${renderTable(rounds, options.sizes)}\n`)
  if (options.write) {
    const results = (size: Size["name"]) => ({ ...medians(rounds.simple, size), mix: medians(rounds.mix, size) })
    const rates = { postgres_redis: results("postgres_redis"), embedded: results("embedded") }
    const text = { versions, machine, connections: options.connections, normalize, ...rates }
    writeFileSync(new URL("./results.json", import.meta.url), `${JSON.stringify(text, null, 2)}\n`)
  }
  return isComplete(accounts)
}

/** The starting value that the Postgres manual recommends for shared_buffers. */
function quarterOfMemory(): string {
  return `${Math.floor(totalmem() / 4 / 2 ** 20)}MB`
}

function noRounds(): Rounds {
  return { peers: [], postgres_redis: [], embedded: [] }
}

/** Prints the totals of accepted webhooks and their deliveries. @returns whether everything arrived */
function isComplete(accounts: Account[]): boolean {
  const sum = (name: keyof Account) => accounts.reduce((total, account) => total + account[name], 0)
  const names = ["accepted", "deliveries", "lost", "duplicated", "refused", "badSignatures"] as const
  print("account", Object.fromEntries(names.map((name) => [name, sum(name)])))
  return sum("lost") === 0 && sum("badSignatures") === 0
}

function print(title: string, facts: Record<string, string | number>): void {
  const text = Object.entries(facts).map(([name, value]) => `${name} ${value === "" ? '""' : value}`)
  console.log(`${title}: ${text.join(", ")}`)
}

const closers = createClosers()
const interrupted = closeOnSignal(closers)
try {
  const complete = await bench(readOptions(process.argv.slice(2)), closers)
  if (!complete) process.exitCode = 1
} catch (error) {
  if (!interrupted()) console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await closers.closeAll()
}
