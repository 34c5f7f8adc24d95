import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/global-setup.ts",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Most of a slow test is waiting, for a process to start or a lease to run out.
    maxWorkers: 3,
  },
})
