import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { connect } from "node:net"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { endProcess, freePort, hasEnded } from "../../bench/support/processes.ts"
import { CHILD_ENV } from "../support/child-env.ts"
import { copyStoreInto } from "../support/embedded-store.ts"
import { tempDir } from "../support/onehook.ts"
import { until } from "../support/until.ts"

const ROOT = join(import.meta.dirname, "../..")
const OLD = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})`

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

describe("npm start", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "passes %s on to the gateway, which stops and frees its port",
    async (signal) => {
      const { npm, url, output } = await npmStart()
      await until(async () => (await fetch(`${url}/livez`).catch(() => null))?.ok, "the gateway to listen", 55_000)
      npm.kill(signal)
      await until(() => hasEnded(npm), "npm to end")
      expect(npm.exitCode).toBe(0)
      expect(output()).toContain('"msg":"stopped"')
      expect(await isListening(url)).toBe(false)
    },
  )
})

it.each(["src/main.ts", "src/cli/onehook.js"])("%s says in a sentence that the Node is too old", (entry) => {
  const args = ["--import", OLD, "--import", "./src/boot.js", entry]
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" })
  expect(stderr).toMatch(/^onehook: this is Node 20\.20\.2, and Onehook runs on Node 26, .*\n$/)
  expect(status).toBe(1)
})

async function npmStart() {
  const dir = tempDir()
  closers.push(dir.remove)
  copyStoreInto(dir.path)
  const port = await freePort()
  const env = { ...CHILD_ENV, HOME: dir.path, DATA_DIR: dir.path, PORT: String(port), LOG_LEVEL: "info" }
  const npm = spawn("npm", ["start"], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"], detached: true })
  closers.push(() => endGroup(npm))
  let output = ""
  for (const stream of [npm.stdout, npm.stderr]) stream.on("data", (chunk) => (output += chunk))
  return { npm, url: `http://127.0.0.1:${port}`, output: () => output }
}

/** What npm has started is in its group, and may outlive it. */
async function endGroup(npm: ChildProcess): Promise<void> {
  await endProcess(npm)
  try {
    process.kill(-(npm.pid ?? Number.NaN), "SIGKILL")
  } catch {}
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })
}
