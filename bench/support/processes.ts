import { type ChildProcess, execFileSync } from "node:child_process"
import { randomInt } from "node:crypto"
import { accessSync, constants, existsSync, globSync, readFileSync } from "node:fs"
import { createServer } from "node:net"
import { delimiter, join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"

/** The full path of a program: from the PATH, else the newest version that matches `globs`, else null. */
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
 * A TCP port of the loopback address that is currently free. It is below 32768, where systems begin to assign ports to
 * outgoing connections, so that it stays free.
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

const setpriv = process.platform === "linux" ? findProgram("setpriv") : null

/**
 * A program and its arguments for `spawn`, so that the child process ends with this one, however that ends: a run
 * that is killed runs no cleanup. Only Linux can do this; elsewhere the program is started as it is.
 */
export function endingWithParent(program: string, args: readonly string[]): [string, string[]] {
  return setpriv === null ? [program, [...args]] : [setpriv, ["--pdeathsig", "KILL", "--", program, ...args]]
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
}

/** Stops a child process by `signal` and, if it still runs after `graceMs`, by SIGKILL. */
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
 * Freezes a server with its children, like a hanging machine: connections stay open and nothing responds.
 *
 * @returns a function that resumes it; call it before stopping the server
 */
export function freeze(pid: number): () => void {
  process.kill(pid, "SIGSTOP")
  // Children are listed only now, because a running server could still fork another one.
  const pairs = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n")
  const children = pairs.map((pair) => pair.trim().split(/\s+/).map(Number)).filter(([, parent]) => parent === pid)
  const pids = [pid, ...children.map(([child = 0]) => child)]
  for (const child of pids) process.kill(child, "SIGSTOP")
  return () => {
    for (const stopped of pids.splice(0)) process.kill(stopped, "SIGCONT")
  }
}

/**
 * Polls `ready` until it returns true.
 *
 * - errors: rejects with the tail of the log if the process ends or `withinMs` pass
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

/** Cleanup functions that run last-in first-out, each once; the first error is thrown after all have run. */
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

/** Closes everything on SIGINT or SIGTERM. @returns a function that says whether this has begun */
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
