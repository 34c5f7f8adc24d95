import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { type Account, demand, type Fault } from "../fault.ts"
import type { Lab } from "../lab.ts"
import { type Pair, underLoad } from "../under-load.ts"

const LIBRARY = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1")[0]
const STEP_WORKS_MS = 4_000
const STEPPED_AT_LEAST_MS = 590_000

/** The clock of gateway and dispatcher is set; timers go on by the monotonic one, as on a machine that NTP sets. */
async function stepped(lab: Lab, step: string): Promise<Account> {
  demand(LIBRARY !== undefined, "libfaketime is installed (on Debian: apt-get install faketime)")
  const folder = mkdtempSync(join(tmpdir(), "onehook-clock-"))
  lab.closers.add(() => rmSync(folder, { recursive: true, force: true }))
  const clock = join(folder, "clock")
  writeFileSync(clock, "+0")
  const faked = {
    LD_PRELOAD: LIBRARY ?? "",
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  }
  const set = async ({ gateway }: Pair) => {
    writeFileSync(clock, step)
    await delay(STEP_WORKS_MS)
    const { headers } = await fetch(`${gateway.url}/livez`)
    const awayMs = Math.abs(Date.parse(headers.get("date") ?? "") - Date.now())
    demand(awayMs > STEPPED_AT_LEAST_MS, `the gateway's clock has been set: ${awayMs} ms away`)
  }
  return underLoad(lab, await lab.install(), set, faked)
}

export const clocks: Fault[] = [
  { name: "clock-forward", title: "a clock step of +10 min", run: (lab) => stepped(lab, "+10m") },
  { name: "clock-back", title: "a clock step of −10 min", run: (lab) => stepped(lab, "-10m") },
]
