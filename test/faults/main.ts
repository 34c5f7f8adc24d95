import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { describeMachine, describeVersions } from "../../bench/environment.ts"
import { startPostgres } from "../../bench/support/postgres.ts"
import { type Closers, closeOnSignal, createClosers } from "../../bench/support/processes.ts"
import { startRedis } from "../../bench/support/redis.ts"
import { addresses } from "./cases/addresses.ts"
import { answers } from "./cases/answers.ts"
import { floods } from "./cases/big-bodies.ts"
import { clocks } from "./cases/clocks.ts"
import { crashes } from "./cases/crashes.ts"
import { crowds } from "./cases/crowds.ts"
import { dispatchers } from "./cases/dispatchers.ts"
import { hangs } from "./cases/hangs.ts"
import { payloads } from "./cases/payloads.ts"
import { rollouts } from "./cases/rollouts.ts"
import { soaks } from "./cases/soak.ts"
import { tenants } from "./cases/tenants.ts"
import type { Account, Fault } from "./fault.ts"
import { withLab } from "./lab.ts"
import { renderTable } from "./table.ts"

const FAULTS: readonly Fault[] = [
  ...crashes,
  ...dispatchers,
  ...hangs,
  ...clocks,
  ...answers,
  ...addresses,
  ...payloads,
  ...floods,
  ...tenants,
  ...crowds,
  ...rollouts,
  ...soaks,
]

const USAGE = `npm run test:faults -- [options] [name …]
  --hour   soak for an hour instead of a minute
  --list   list the faults
Without names, runs all faults and writes bench/faults.json.`

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { hour: { type: "boolean", default: false }, list: { type: "boolean", default: false } },
})

/** Runs the faults one after another; resolves with whether all of them passed. */
async function run(faults: readonly Fault[], closers: Closers): Promise<boolean> {
  const postgres = await startPostgres()
  closers.add(postgres.stop)
  const given = { postgres, soakSeconds: options.hour ? 3600 : 60 }
  const rows: Record<string, Account | { failed: string }> = {}
  for (const { name, title, run } of faults) {
    process.stdout.write(`${title} … `)
    try {
      const account = await withLab(given, run, closers)
      rows[name] = account
      console.log(`sent ${account.sent}, delivered ${account.delivered}, lost ${account.lost}; ${account.note}`)
    } catch (error) {
      rows[name] = { failed: (error as Error).message }
      console.log("FAILED")
      console.error(error)
    }
  }
  console.log(`\n${renderTable(faults, rows)}`)
  if (names.length === 0) {
    const redis = await startRedis()
    const facts = { versions: describeVersions({ postgres, redis }), machine: describeMachine() }
    await redis.stop()
    const file = new URL("../../bench/faults.json", import.meta.url)
    writeFileSync(file, `${JSON.stringify({ ...facts, faults: rows }, null, 2)}\n`)
  }
  return Object.values(rows).every((row) => !("failed" in row))
}

function chosen(): readonly Fault[] {
  const unknown = names.filter((name) => !FAULTS.some((fault) => fault.name === name))
  if (unknown.length > 0) throw new Error(`unknown fault: ${unknown.join(", ")}\n${USAGE}`)
  return names.length === 0 ? FAULTS : FAULTS.filter(({ name }) => names.includes(name))
}

const closers = createClosers()
const interrupted = closeOnSignal(closers)
try {
  if (options.list) for (const { name, title } of FAULTS) console.log(`${name.padEnd(24)}${title}`)
  else if (!(await run(chosen(), closers))) process.exitCode = 1
} catch (error) {
  if (!interrupted()) console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await closers.closeAll()
  // Servers that a fault has not closed must not keep this process alive.
  process.exit()
}
