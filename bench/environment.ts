import { execFileSync } from "node:child_process"
import { readFileSync, statfsSync } from "node:fs"
import os from "node:os"
import type { PostgresServer } from "./support/postgres.ts"
import type { RedisServer } from "./support/redis.ts"

const ROOT = new URL("../", import.meta.url)
const DEPENDENCIES = ["fastify", "bullmq", "ioredis", "pg", "@electric-sql/pglite", "undici", "zod", "pino"]
const TMPFS = 0x01021994

export function describeVersions(servers: { postgres?: PostgresServer; redis: RedisServer }): Record<string, string> {
  return {
    onehook: `${versionIn("package.json")} (${commit()})`,
    node: process.versions.node,
    ...(servers.postgres && { postgres: servers.postgres.version }),
    redis: servers.redis.version,
    ...Object.fromEntries(DEPENDENCIES.map((name) => [name, versionIn(`node_modules/${name}/package.json`)])),
  }
}

export function describeMachine(): Record<string, string | number> {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.availableParallelism(),
    memory_gb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
    load_before: Math.round((os.loadavg()[0] ?? 0) * 10) / 10,
    data_on: statfsSync(os.tmpdir()).type === TMPFS ? "tmpfs: fsync costs nothing here" : `a disk (${os.tmpdir()})`,
  }
}

function versionIn(path: string): string {
  const { version } = JSON.parse(readFileSync(new URL(path, ROOT), "utf8"))
  return String(version)
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "src") === "" ? "" : ", changed")
  } catch {
    return "not in git"
  }
}
