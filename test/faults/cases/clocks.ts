import { chmodSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { query, startPostgres } from "../../../bench/support/postgres.ts"
import { type Account, demand, type Fault } from "../fault.ts"
import type { Lab } from "../lab.ts"
import { type Pair, underLoad } from "../under-load.ts"

const LIBRARY = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1")[0]
const STEP_TAKES_EFFECT_MS = 4_000
const STEPPED_AT_LEAST_MS = 590_000

/**
 * A clock shared by all processes that are started with `env`; `set` moves it away from the true time. Timers continue
 * by the monotonic clock, as they do when NTP sets the clock of a machine.
 */
function createClock(lab: Lab) {
  demand(LIBRARY !== undefined, "libfaketime is installed (on Debian: apt-get install faketime)")
  const folder = mkdtempSync(join(tmpdir(), "onehook-clock-"))
  lab.closers.add(() => rmSync(folder, { recursive: true, force: true }))
  // Postgres runs as another user and must be able to read it.
  chmodSync(folder, 0o755)
  const file = join(folder, "clock")
  writeFileSync(file, "+0")
  return {
    env: {
      LD_PRELOAD: LIBRARY ?? "",
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
    async set(away: string, { gateway }: Pair) {
      writeFileSync(file, away)
      await delay(STEP_TAKES_EFFECT_MS)
      const { headers } = await fetch(`${gateway.url}/livez`)
      demand(isAway(Date.parse(headers.get("date") ?? "")), "the gateway's clock is stepped")
    },
  }
}

const isAway = (nowMs = Date.now()) => Math.abs(nowMs - Date.now()) > STEPPED_AT_LEAST_MS

async function stepped(lab: Lab, away: string): Promise<Account> {
  const clock = createClock(lab)
  return underLoad(lab, await lab.install(), (pair) => clock.set(away, pair), { extra: clock.env })
}

/** Steps the clock of Postgres too, by which deliveries are due and leases expire. */
async function steppedWithPostgres(lab: Lab, away: string): Promise<Account> {
  const clock = createClock(lab)
  const postgres = await startPostgres({}, clock.env)
  lab.closers.add(postgres.stop)
  const set = async (pair: Pair) => {
    await clock.set(away, pair)
    const [row] = await query<{ now: number }>(postgres.url, "select extract(epoch from now())::float8 * 1000 as now")
    demand(isAway(row?.now), "the clock of Postgres is stepped")
  }
  return underLoad(lab, await lab.install({}, postgres.url), set, { extra: clock.env })
}

export const clocks: Fault[] = [
  { name: "clock-forward", title: "a clock step of +10 min", run: (lab) => stepped(lab, "+10m") },
  { name: "clock-back", title: "a clock step of −10 min", run: (lab) => stepped(lab, "-10m") },
  {
    name: "clock-forward-all",
    title: "a clock step of +10 min, Postgres included",
    run: (lab) => steppedWithPostgres(lab, "+10m"),
  },
  {
    name: "clock-back-all",
    title: "a clock step of −10 min, Postgres included",
    run: (lab) => steppedWithPostgres(lab, "-10m"),
  },
]
