import { execFile } from "node:child_process"
import { promisify } from "node:util"

const run = promisify(execFile)

/**
 * Makes the system write its dirty pages. By itself it starts half a minute after a mass load and writes all of them at
 * once, which delays each commit by a tenth of a second.
 */
export async function settleDisk(): Promise<void> {
  await run("sync")
}
