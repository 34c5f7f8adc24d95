import { execFileSync, type SpawnOptions, spawn } from "node:child_process"
import { chownSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { endingWithParent, endProcess, findProgram, freePort, waitUntilReady } from "./processes.ts"

/** Durability as in production; all other settings are Postgres' defaults. */
const SETTINGS = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: "512MB",
  max_wal_size: "4GB",
}

export interface PostgresServer {
  /** The administrator's URL, for the database `postgres`. */
  url: string
  pid: number
  version: string
  /** Settings that differ from the defaults. */
  settings: Record<string, string>
  /** Stops the server and restarts it on the same data after `whileDown` resolves. */
  restart(whileDown: () => Promise<void>): Promise<void>
  /** Stops the server within seconds and removes its files. */
  stop(): Promise<void>
}

export function findPostgres(): string | null {
  return findProgram("postgres", POSTGRES_FOLDERS)
}

const POSTGRES_FOLDERS = ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"]

/**
 * Starts a private Postgres in a temporary folder, on a free loopback port and a socket. Throws if none is installed.
 *
 * @param given settings that override or extend the default ones
 * @param env environment variables in addition to those of this process
 */
export async function startPostgres(
  given: Record<string, string> = {},
  env: Record<string, string> = {},
): Promise<PostgresServer> {
  const program = findPostgres()
  const initdb = findProgram("initdb", POSTGRES_FOLDERS)
  if (program === null || initdb === null) {
    throw new Error(
      "no postgres and initdb on the PATH or in /usr/lib/postgresql; on Debian: apt-get install postgresql",
    )
  }
  const folder = mkdtempSync(join(tmpdir(), "onehook-postgres-"))
  const user = unprivilegedUser()
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, "data")
  const logFile = join(folder, "postgres.log")
  const log = openSync(logFile, "a")
  const port = await freePort()
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const asUser: SpawnOptions = { cwd: folder, stdio: ["ignore", log, log], ...user }
  try {
    execFileSync(initdb, ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"], {
      ...asUser,
      stdio: ["ignore", "ignore", "pipe"],
    })
  } catch (error) {
    remove()
    throw new Error("initdb failed", { cause: error })
  }
  const settings = { ...SETTINGS, ...given }
  const options = { ...settings, listen_addresses: "127.0.0.1", port: String(port), unix_socket_directories: folder }
  const args = Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const run = () =>
    spawn(...endingWithParent(program, ["-D", data, ...args]), { ...asUser, env: { ...process.env, ...env } })
  let child = run()
  const stop = async () => {
    await endProcess(child, { signal: "SIGINT" })
    remove()
  }
  const ready = () => waitUntilReady(child, { name: "postgres", ready: () => answersQuery(url), logFile })
  const restart = async (whileDown: () => Promise<void>) => {
    await endProcess(child, { signal: "SIGINT" })
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
  const version = execFileSync(program, ["--version"], { encoding: "utf8" }).replace("postgres (PostgreSQL)", "").trim()
  return {
    url,
    get pid() {
      return child.pid ?? 0
    },
    version,
    settings,
    restart,
    stop,
  }
}

/** Postgres refuses to run as root, so root starts it as the user `postgres`, or else `nobody`. */
export function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync("/etc/passwd", "utf8")
  const found = /^postgres:[^:]*:(\d+):(\d+):/m.exec(accounts) ?? /^nobody:[^:]*:(\d+):(\d+):/m.exec(accounts)
  if (!found) throw new Error("cannot run Postgres as root, and there is neither a user postgres nor a user nobody")
  return { uid: Number(found[1]), gid: Number(found[2]) }
}

async function answersQuery(url: string): Promise<boolean> {
  await query(url, "select 1")
  return true
}

/** Runs one query over a new connection. */
export async function query<R extends pg.QueryResultRow>(url: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<R>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Creates a database, as a copy of `template` if given (which must have no connections). @returns its URL */
export async function createDatabase(adminUrl: string, name: string, template = "template1"): Promise<string> {
  await query(adminUrl, `create database "${name}" template "${template}"`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return url.href
}

export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await query(adminUrl, `drop database if exists "${name}" with (force)`)
}
