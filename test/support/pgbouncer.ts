import { spawn } from "node:child_process"
import { chownSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { query, unprivilegedUser } from "../../bench/support/postgres.ts"
import { endingWithParent, endProcess, findProgram, freePort, waitUntilReady } from "../../bench/support/processes.ts"

/** pgbouncer on the path. Where it is missing the suites that need it are skipped by name; CI does not allow that. */
export const pgbouncer = findProgram("pgbouncer", ["/usr/sbin"])
if (pgbouncer === null && process.env.CI) throw new Error("no pgbouncer found, which CI does not allow")

/** A pooler before a Postgres that trusts everyone. */
export async function startPgbouncer(target: string, mode: "session" | "transaction", settings = "") {
  const folder = mkdtempSync(join(tmpdir(), "onehook-pgbouncer-"))
  const user = unprivilegedUser()
  const port = await freePort()
  const { hostname, port: targetPort } = new URL(target)
  const file = join(folder, "pgbouncer.ini")
  writeFileSync(
    file,
    `[databases]
* = host=${hostname} port=${targetPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = users.txt
pool_mode = ${mode}
default_pool_size = 40
${settings}
`,
  )
  writeFileSync(join(folder, "users.txt"), '"postgres" ""\n')
  if (user) for (const path of [folder, file, join(folder, "users.txt")]) chownSync(path, user.uid, user.gid)
  const logFile = join(folder, "log")
  const log = openSync(logFile, "a")
  const child = spawn(...endingWithParent(pgbouncer ?? "", [file]), {
    cwd: folder,
    stdio: ["ignore", log, log],
    ...user,
  })
  const stop = async () => {
    await endProcess(child, { signal: "SIGINT" })
    rmSync(folder, { recursive: true, force: true })
  }
  const url = Object.assign(new URL(target), { port: String(port) }).href
  const ready = async () => (await query(url, "select 1")).length === 1
  try {
    await waitUntilReady(child, { name: "pgbouncer", ready, logFile })
  } catch (error) {
    await stop()
    throw error
  }
  return { url, stop }
}
