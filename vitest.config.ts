import { existsSync, statfsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { RUNS_ONCE } from "./test/support/child-env.ts"
import { ProcessesFirst } from "./test/support/processes-first.ts"

const MEMORY = "/dev/shm"
/** Several times the half gigabyte that a run has there at once. */
const ROOM_BYTES = 4 * 1024 ** 3

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false
  const { bavail, bsize } = statfsSync(folder)
  return Math.min(bavail * bsize, process.availableMemory()) >= ROOM_BYTES
}

// Hundreds of processes are started, and half of what each costs is compiling the same modules.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/compile", import.meta.url))
// A store is a thousand files, and hundreds of stores are made and thrown away: no disk is as fast at that as memory.
if (hasRoom(MEMORY)) process.env.TMPDIR ??= MEMORY

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/global-setup.ts",
    // What hangs is ended by this, and what is slow is not: a machine that does much else starts processes in half a minute.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    pool: "forks",
    execArgv: RUNS_ONCE,
    // No module has state that a test could leave to the next file, so a worker loads each once.
    isolate: false,
    sequence: { sequencer: ProcessesFirst },
    // Most of a slow test is waiting, for a process to start or a lease to run out.
    maxWorkers: 6,
  },
})
