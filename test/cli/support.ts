import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { expect } from "vitest"
import { endingWithParent, freePort } from "../../bench/support/processes.ts"
import { run } from "../../src/cli/run.ts"
import { CHILD_ENV, RUNS_ONCE } from "../support/child-env.ts"
import { copyStoreInto } from "../support/embedded-store.ts"
import { until } from "../support/until.ts"

export { freePort }
export const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname

export interface Ran {
  code: number | null
  out: string
  err: string
  /** Standard output parsed as JSON. */
  json: () => ReturnType<typeof JSON.parse>
}

/** Runs `onehook …args` as a child process, without this process's Onehook environment variables. */
export async function onehook(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(...endingWithParent(process.execPath, [MAIN, ...args]), {
    env: { ...CHILD_ENV, DATA_DIR: "/nonexistent", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve)),
  ])
  return { code, out, err, json: () => JSON.parse(out) }
}

/** The same in this process, which is faster. */
export async function onehookHere(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  const code = await run(args, { env, out: (text) => out.push(text), err: (text) => err.push(text) })
  return { code, out: out.join(""), err: err.join(""), json: () => JSON.parse(out.join("")) }
}

/** A gateway with its own data folder, and the settings to reach it. Stopping it checks its exit code. */
export async function startGateway(folder: string, more: Record<string, string> = {}) {
  const port = more.PORT ?? (await freePort())
  const env = { ONEHOOK_URL: `http://127.0.0.1:${port}`, DATA_DIR: join(folder, "data") }
  copyStoreInto(env.DATA_DIR)
  const child = spawn(...endingWithParent(process.execPath, [...RUNS_ONCE, MAIN, "start"]), {
    env: { ...CHILD_ENV, DATA_DIR: env.DATA_DIR, PORT: String(port), LOG_LEVEL: "warn", ...more },
    stdio: ["ignore", "ignore", "inherit"],
  })
  const isReady = async () => (await fetch(`${env.ONEHOOK_URL}/readyz`).catch(() => null))?.ok
  await until(isReady, "the gateway", 90_000).catch((error) => {
    child.kill("SIGKILL")
    throw error
  })
  return {
    env,
    async stop() {
      const ended = once(child, "exit")
      child.kill("SIGTERM")
      expect(await ended).toEqual([0, null])
    },
  }
}

interface Server {
  url: string
  close: () => Promise<void>
}

/** An HTTP server on a free port of this machine. */
export async function listen(answer: (request: IncomingMessage, body: string, response: ServerResponse) => void) {
  const server = createServer(async (request, response) => answer(request, await text(request), response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, close } satisfies Server
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
