import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Redis } from "ioredis"
import { endingWithParent, endProcess, freePort } from "../../bench/support/processes.ts"
import { findRedis } from "../../bench/support/redis.ts"
import { until } from "../support/until.ts"
import type { Lab } from "./lab.ts"

const MASTER = "onehook"
const SENTINELS = 3
const QUORUM = 2
const DOWN_AFTER_MS = 2_000

/** A Redis with a replica, monitored by three sentinels. `failOver` kills the master and waits for the next one. */
export async function startSentinels(lab: Pick<Lab, "redis" | "closers">) {
  const master = await lab.redis()
  const replica = await lab.redis({ replicaof: `127.0.0.1 ${portOf(master.url)}` })
  const sentinels = await Promise.all(Array.from({ length: SENTINELS }, () => startSentinel(lab, portOf(master.url))))
  const asked = new Redis({ host: "127.0.0.1", port: sentinels[0] ?? 0 })
  // Connecting fails until the sentinel listens.
  asked.on("error", () => {})
  lab.closers.add(() => asked.disconnect())
  const masterPort = async () => {
    const [, port] = (await asked.call("sentinel", "get-master-addr-by-name", MASTER)) as [string, string]
    return port
  }
  await until(() => knowsAll(asked), "the sentinels to know each other and the replica")
  return {
    url: `redis://${sentinels.map((port) => `127.0.0.1:${port}`).join(",")}?sentinel=${MASTER}`,
    replicaUrl: replica.url,
    async failOver() {
      await master.kill("SIGKILL")
      await until(async () => (await masterPort()) === portOf(replica.url), "the replica to become the master", 30_000)
    },
  }
}

async function knowsAll(sentinel: Redis): Promise<boolean> {
  const fields = (await sentinel.call("sentinel", "master", MASTER)) as string[]
  const value = (name: string) => Number(fields[fields.indexOf(name) + 1])
  return value("num-slaves") === 1 && value("num-other-sentinels") === SENTINELS - 1
}

/** Resolves with its port. */
async function startSentinel({ closers }: Pick<Lab, "closers">, masterPort: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "onehook-sentinel-"))
  const port = await freePort()
  const file = join(folder, "sentinel.conf")
  const settings = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    `sentinel monitor ${MASTER} 127.0.0.1 ${masterPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER} 10000`,
  ]
  writeFileSync(file, settings.join("\n"))
  const child = spawn(...endingWithParent(findRedis() ?? "redis-server", [file, "--sentinel"]), { stdio: "ignore" })
  closers.add(async () => {
    await endProcess(child)
    rmSync(folder, { recursive: true, force: true })
  })
  return port
}

const portOf = (url: string) => new URL(url).port
