import type { Running, Size } from "./onehook/size.ts"
import { format } from "./report.ts"
import { type Account, type Harness, type Session, startSession } from "./session.ts"
import { residentMb } from "./support/usage.ts"

const FLOOR = 0.9
const MINUTE_S = 60
/** About one second of deliveries, so that delivery seldom waits for ingest. */
const MOST_BEHIND = 10_000

/** Runs ingest and delivery at once for `minutes`. `steady` says whether the last minute was as fast as the first. */
export async function soak(
  harness: Harness,
  size: Size,
  minutes: number,
): Promise<{ account: Account; steady: boolean }> {
  const running = await size.open()
  const session = await startSession(harness, "mix", running.secrets)
  const measure = async () => {
    await running.deliver()
    await session.warmUp(running.port)
    await session.settle()
    const rates: number[] = []
    for (let minute = 1; minute <= minutes; minute++) rates.push(await soakMinute(harness, session, running, minute))
    await session.settle()
    return (rates.at(-1) ?? 0) / (rates[0] ?? 0)
  }
  const ratio = await measure().finally(running.close)
  console.log(`last minute / first minute: ${format(ratio, 2)} (required: at least ${FLOOR})`)
  return { account: await session.account(), steady: ratio >= FLOOR }
}

/** Deliveries per second. */
async function soakMinute({ receiver }: Harness, session: Session, running: Running, minute: number): Promise<number> {
  const before = await receiver.call("status")
  const { accepted, startedAtMs, endedAtMs } = await session.keepUp(running.port, MINUTE_S, MOST_BEHIND)
  const after = await receiver.call("status")
  const seconds = (endedAtMs - startedAtMs) / 1000
  const rate = (after.distinct - before.distinct) / seconds
  const memory = Object.entries(running.processes().onehook).map(([name, pid]) => `${name} ${residentMb(pid)} MB`)
  console.log(
    `minute ${minute}: ${format(accepted / seconds)} webhooks/s accepted, ${format(rate)} deliveries/s, ` +
      `${format(session.expected() - after.distinct)} in the backlog, ${memory.join(", ")}`,
  )
  for (const line of await running.describeStore()) console.log(`    ${line}`)
  return rate
}
