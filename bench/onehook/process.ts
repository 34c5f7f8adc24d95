import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { closeSync, mkdirSync, openSync } from "node:fs"
import { join } from "node:path"
import type { World } from "../load/world.ts"
import { type Closers, endingWithParent, endProcess, freePort, waitUntilReady } from "../support/processes.ts"

const ROOT = new URL("../../", import.meta.url).pathname
/** As `npm start` and the image have them. */
const NODE_ARGS = ["--max-semi-space-size=4"]
/** Longer than Onehook's 25 s to finish deliveries in flight. */
const STOP_GRACE_MS = 27_000

/** The environment variables shared by all processes of an installation. */
export interface Credentials {
  ADMIN_KEY: string
  ENCRYPTION_KEYS: string
  META_APP_SECRET: string
  META_VERIFY_TOKEN: string
}

export function createCredentials(world: World): Credentials {
  return {
    ADMIN_KEY: `ohk_admin_${randomBytes(32).toString("base64url")}`,
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    META_APP_SECRET: world.appSecret,
    META_VERIFY_TOKEN: world.verifyToken,
  }
}

export interface OnehookProcess {
  pid: number
  port: number
  stop(): Promise<void>
}

/** Starts `src/main.ts` on the loopback address and waits until it is ready. Logs go to `folder`. */
export async function startOnehook(
  {
    name,
    folder,
    env,
  }: {
    name: string
    folder: string
    env: Credentials & Partial<Record<"DATABASE_URL" | "REDIS_URL" | "ROLE", string>>
  },
  closers: Closers,
): Promise<OnehookProcess> {
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const logFile = join(folder, `${name}.log`)
  const log = openSync(logFile, "a")
  const at = { HOST: "127.0.0.1", PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` }
  const own = { NODE_ENV: "production", ...at, LOG_LEVEL: "warn", DATA_DIR: folder }
  const nodeArgs = process.env.BENCH_NODE_ARGS?.split(" ") ?? NODE_ARGS
  const child = spawn(...endingWithParent(process.execPath, [...nodeArgs, "src/main.ts"]), {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...own, ...env },
    stdio: ["ignore", log, log],
  })
  closeSync(log)
  const stop = () => endProcess(child, { graceMs: STOP_GRACE_MS })
  closers.add(stop)
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) })
    await answer.body?.cancel()
    return answer.ok
  }
  try {
    await waitUntilReady(child, { name: `onehook ${name}`, ready, logFile })
  } catch (error) {
    await stop()
    throw error
  }
  return { pid: child.pid ?? 0, port, stop }
}
