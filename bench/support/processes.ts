import { type ChildProcess, execFileSync } from "node:child_process"
import { randomInt } from "node:crypto"
import { accessSync, constants, existsSync, globSync, readFileSync } from "node:fs"
import { createServer } from "node:net"
import { delimiter, join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"

/** The full path of a program: on the PATH first, then where `globs` point, the newest version first; null if there is none. */
export function findProgram(name: string, globs: readonly string[] = []): string | null {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name))
  const elsewhere = globs.flatMap((pattern) => globSync(join(pattern, name))).sort((a, b) => version(b) - version(a))
  return [...onPath, ...elsewhere].find(isExecutable) ?? null
}

function version(path: string): number {
  return Number(/\/(\d+)\//.exec(path)?.[1] ?? 0)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * A TCP port of the loopback address that was free a moment ago, and that no outgoing connection is given meanwhile:
 * systems take theirs from 32768 on, or higher.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(20_000, 32_768)
    if (await isFree(port)) return port
  }
  throw new Error("no free port")
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
}

/** Ends a process that this one started, by `signal` and, when it is still there after `graceMs`, by SIGKILL. */
export async function endProcess(
  child: ChildProcess,
  { signal = "SIGTERM", graceMs = 10_000 }: { signal?: NodeJS.Signals; graceMs?: number } = {},
): Promise<void> {
  if (hasEnded(child)) return
  const ended = new Promise((resolve) => child.once("exit", resolve))
  child.kill(signal)
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs)
  await ended
  clearTimeout(timer)
}

/**
 * Stops a server with its children, as a machine that hangs would: connections stay and nothing answers.
 *
 * @returns what lets it go on; a server is to be ended only after that
 */
export function freeze(pid: number): () => void {
  process.kill(pid, "SIGSTOP")
  // Only now, for a server that runs may fork one more.
  const pairs = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n")
  const children = pairs.map((pair) => pair.trim().split(/\s+/).map(Number)).filter(([, parent]) => parent === pid)
  const pids = [pid, ...children.map(([child = 0]) => child)]
  for (const child of pids) process.kill(child, "SIGSTOP")
  return () => {
    for (const stopped of pids.splice(0)) process.kill(stopped, "SIGCONT")
  }
}

/**
 * Asks `ready` again and again until it answers true.
 *
 * - errors: rejects when the process ends or `withinMs` pass, with the tail of its log
 */
export async function waitUntilReady(
  child: ChildProcess,
  {
    name,
    ready,
    logFile,
    withinMs = 30_000,
  }: { name: string; ready: () => Promise<boolean>; logFile: string; withinMs?: number },
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await ready().catch(() => false))) {
    if (hasEnded(child)) throw new Error(`${name} ended while starting\n${tail(logFile)}`)
    if (Date.now() > deadline) throw new Error(`${name} was not ready within ${withinMs / 1000} s\n${tail(logFile)}`)
    await delay(25)
  }
}

function tail(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8").slice(-2000) : ""
}

/** Closers that run last-in first-out, each once; the first error is thrown after all have run. */
export function createClosers() {
  const closers: (() => Promise<unknown> | unknown)[] = []
  return {
    add(close: () => Promise<unknown> | unknown): void {
      closers.push(close)
    },
    async closeAll(): Promise<void> {
      const errors: unknown[] = []
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
        try {
          await close()
        } catch (error) {
          errors.push(error)
        }
      }
      if (errors.length > 0) throw errors[0]
    },
  }
}

export type Closers = ReturnType<typeof createClosers>

/** Closes everything when the terminal or a supervisor ends this process. Answers whether that has begun. */
export function closeOnSignal(closers: Closers): () => boolean {
  let interrupted = false
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      interrupted = true
      closers.closeAll().finally(() => process.exit(130))
    })
  }
  return () => interrupted
}
