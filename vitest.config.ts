import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

// Hundreds of processes are started, and half of what each costs is compiling the same modules.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/compile", import.meta.url))

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/global-setup.ts",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Most of a slow test is waiting, for a process to start or a lease to run out.
    maxWorkers: 4,
  },
})
