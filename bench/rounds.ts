import type { Workload } from "./load/world.ts"
import { type Costs, measureBare, measureDirect, measureJobs, measureOnehook } from "./measures.ts"
import type { Size } from "./onehook/size.ts"
import { format, type Rounds } from "./report.ts"
import type { Account, Harness } from "./session.ts"
import { command, type RedisServer } from "./support/redis.ts"

/** Measures everything once, so that over several rounds a slow moment of the machine affects all peers alike. */
export async function runRound(
  harness: Harness,
  { sizes, redis }: { sizes: readonly Size[]; redis: RedisServer },
  rounds: Record<Workload, Rounds>,
  accounts: Account[],
): Promise<void> {
  for (const workload of ["simple", "mix"] as const) {
    const say = (name: string, text: string, costs: Record<string, Costs>) => {
      console.log(`  ${workload.padEnd(7)}${name.padEnd(15)}${text}`)
      for (const [of, cost] of Object.entries(costs)) console.log(`    CPU µs per webhook, ${of}: ${list(cost)}`)
    }
    const into = rounds[workload]
    const keep = <M extends { account: Account }>(measured: M): M => {
      accounts.push(measured.account)
      return measured
    }

    const bare = await measureBare(harness, workload)
    say("bare", format(bare.rates), { "ingest alone": bare.costs })
    const direct = keep(await measureDirect(harness, workload))
    say("direct", format(direct.rates), { "both at once": direct.costs })
    const jobsWith = async (appendfsync: "everysec" | "always") => {
      await command(redis.url, "flushall")
      await command(redis.url, "config", "set", "appendfsync", appendfsync)
      const jobs = keep(await measureJobs(harness, workload, redis))
      say(`jobs, ${appendfsync}`, format(jobs.rates), { "both at once": jobs.costs })
      return jobs.rates
    }
    // The default setting comes last, because Onehook is measured with it.
    const jobs_on_disk = await jobsWith("always")
    const jobs = await jobsWith("everysec")
    into.peers.push({ bare: bare.rates, direct: direct.rates, jobs, jobs_on_disk })
    for (const size of sizes) {
      const { rates, costs } = keep(await measureOnehook(harness, workload, size))
      into[size.name].push(rates)
      say(size.name, list(rates), { "ingest alone": costs.ingest, "both at once": costs.both })
    }
  }
}

function list(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${format(value, name.endsWith("_ms") ? 1 : 0)}`)
    .join(", ")
}
