import type { Workload } from "./load/world.ts"
import { measureBare, measureDirect, measureJobs, measureOnehook } from "./measures.ts"
import { flush } from "./onehook/postgres-redis.ts"
import type { Size } from "./onehook/size.ts"
import { format, type Rounds } from "./report.ts"
import type { Account, Harness } from "./session.ts"

/** Everything once, workload by workload, so that a slow moment of the machine hits all peers alike over the rounds. */
export async function runRound(
  harness: Harness,
  { sizes, redisUrl }: { sizes: readonly Size[]; redisUrl: string },
  rounds: Record<Workload, Rounds>,
  accounts: Account[],
): Promise<void> {
  for (const workload of ["simple", "mix"] as const) {
    const say = (name: string, text: string) => console.log(`  ${workload.padEnd(7)}${name.padEnd(15)}${text}`)
    const into = rounds[workload]
    const keep = <M extends { account: Account }>(measured: M): M => {
      accounts.push(measured.account)
      return measured
    }

    const bare = await measureBare(harness, workload)
    say("bare", format(bare))
    const direct = keep(await measureDirect(harness, workload)).rates
    say("direct", format(direct))
    await flush(redisUrl)
    const jobs = keep(await measureJobs(harness, workload, redisUrl)).rates
    say("jobs", format(jobs))
    into.peers.push({ bare, direct, jobs })
    for (const size of sizes) {
      const { rates, cpu } = keep(await measureOnehook(harness, workload, size))
      into[size.name].push(rates)
      say(
        size.name,
        Object.entries(rates)
          .map(([name, value]) => `${name} ${format(value, value < 100 ? 1 : 0)}`)
          .join(", "),
      )
      const costs = Object.entries(cpu).map(([name, us]) => `${name} ${format(us)}`)
      say("", `CPU µs per webhook, both at once: ${costs.join(", ")}`)
    }
  }
}
