import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, openSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Redis } from "ioredis"
import { endingWithParent, endProcess, findProgram, freePort, waitUntilReady } from "./processes.ts"

const SETTINGS = { appendonly: "yes", appendfsync: "everysec", "maxmemory-policy": "noeviction", save: "" }

export interface RedisServer {
  url: string
  pid: number
  version: string
  /** Settings that differ from the defaults. */
  settings: Record<string, string>
  /** Stops the server by `signal` and restarts it on its saved data after `whileDown` resolves. */
  restart(whileDown: () => Promise<unknown>, signal?: NodeJS.Signals): Promise<void>
  /** Stops the server by `signal` without a restart, but keeps its files until `stop`. */
  kill(signal: NodeJS.Signals): Promise<void>
  stop(): Promise<void>
}

export function findRedis(): string | null {
  return findProgram("redis-server") ?? findProgram("valkey-server")
}

/**
 * Starts a private Redis (or Valkey) in a temporary folder on a free loopback port. Throws if none is installed.
 *
 * @param given settings that override or extend the default ones
 */
export async function startRedis(given: Record<string, string> = {}): Promise<RedisServer> {
  const program = findRedis()
  if (program === null)
    throw new Error("no redis-server or valkey-server on the PATH; on Debian: apt-get install redis-server")
  const folder = mkdtempSync(join(tmpdir(), "onehook-redis-"))
  const logFile = join(folder, "redis.log")
  const port = await freePort()
  const settings = { ...SETTINGS, ...given }
  const options = { bind: "127.0.0.1", port: String(port), dir: folder, ...settings }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, ...value.split(" ")])
  const log = openSync(logFile, "a")
  const run = () => spawn(...endingWithParent(program, args), { stdio: ["ignore", log, log] })
  let child = run()
  const stop = async () => {
    await endProcess(child)
    rmSync(folder, { recursive: true, force: true })
  }
  const ready = () => waitUntilReady(child, { name: "redis-server", ready: () => answersPing(port), logFile })
  const restart = async (whileDown: () => Promise<unknown>, signal?: NodeJS.Signals) => {
    await endProcess(child, signal && { signal })
    await whileDown()
    child = run()
    await ready()
  }
  try {
    await ready()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child.pid ?? 0
    },
    version: versionOf(program),
    settings,
    restart,
    kill: (signal) => endProcess(child, { signal }),
    stop,
  }
}

/** Runs one command over a new connection. Rejects if the server refuses it or cannot be reached. */
export async function command(url: string, name: string, ...args: string[]): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: 1 })
  await client.call(name, ...args).finally(() => client.disconnect())
}

function versionOf(program: string): string {
  const text = execFileSync(program, ["--version"], { encoding: "utf8" })
  return /v=(\S+)/.exec(text)?.[1] ?? text.trim()
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"))
    socket.setTimeout(1000, () => socket.destroy(new Error("no response")))
    socket.once("error", reject)
    socket.once("data", (data) => {
      socket.destroy()
      resolve(data.toString().startsWith("+PONG"))
    })
  })
}
