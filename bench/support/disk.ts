import { execFile } from "node:child_process"
import { promisify } from "node:util"

const run = promisify(execFile)

/**
 * Has the system write out what lies dirty in its cache. Left to itself it begins half a minute after a mass load, with all
 * of it at once, and then a commit waits a tenth of a second for its turn at the disk.
 */
export async function settleDisk(): Promise<void> {
  await run("sync")
}
