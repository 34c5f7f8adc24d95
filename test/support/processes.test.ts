import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { expect, test } from "vitest"
import { until } from "./until.ts"

const PROCESSES = join(import.meta.dirname, "../../bench/support/processes.ts")
/** Starts a child as the tests start servers, prints its id, and waits to be killed. */
const PARENT = `
  import { spawn } from "node:child_process"
  import { endingWithParent } from ${JSON.stringify(PROCESSES)}
  console.log(spawn(...endingWithParent("sleep", ["600"]), { stdio: "ignore" }).pid)
`

const runs = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test.skipIf(process.platform !== "linux")("what a run has started ends with it, even if it is killed", async () => {
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", PARENT], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const [line] = await once(parent.stdout, "data")
  const pid = Number(line)
  expect(runs(pid)).toBe(true)
  parent.kill("SIGKILL")
  await until(() => !runs(pid), "the child to end")
})
