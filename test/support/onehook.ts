import { type ChildProcess, spawn } from "node:child_process"
import { createHmac, randomUUID } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { endingWithParent, hasEnded } from "../../bench/support/processes.ts"
import { CHILD_ENV, RUNS_ONCE } from "./child-env.ts"
import { until } from "./until.ts"

const MAIN = join(import.meta.dirname, "../../src/main.ts")
export const APP_SECRET = "test_app_secret"
export const VERIFY_TOKEN = "test_verify_token"
export const ADMIN_KEY = "test-admin-key-test-admin-key-test-admin-key"

export interface Instance {
  url: string
  child: ChildProcess
  output(): string
  kill(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts one process, as an operator would, and waits until it says where it listens. */
export async function startProcess(env: Record<string, string>): Promise<Instance> {
  const { instance } = spawnProcess(env)
  const url = await until(() => {
    const listening = /"url":"([^"]+)".*"msg":"listening"/.exec(instance.output())
    if (!listening && hasEnded(instance.child)) {
      throw new Error(`the process ended while starting:\n${instance.output()}`)
    }
    return listening?.[1]
  }, "the process to listen")
  return { ...instance, url }
}

/** Starts one process, on a port of its own unless `env` names one, and waits for nothing. */
export function spawnProcess(env: Record<string, string>) {
  const child = spawn(...endingWithParent(process.execPath, [...RUNS_ONCE, MAIN]), {
    env: { ...CHILD_ENV, LOG_LEVEL: "info", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk
    })
  }
  const kill = async (signal: NodeJS.Signals = "SIGTERM") => {
    if (hasEnded(child)) return child.exitCode
    const ended = once(child, "exit")
    child.kill(signal)
    await ended
    return child.exitCode
  }
  return { instance: { child, kill, output: () => output } }
}

export function tempDir() {
  const path = mkdtempSync(join(tmpdir(), "onehook-test-"))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Calls the API with a key, on behalf of a customer if given. Throws unless the answer is a success. */
export function api(url: string, key: string, customerId?: string) {
  return async function call<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(customerId ? { "onehook-customer": customerId } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return (text === "" ? {} : JSON.parse(text)) as T
  }
}

export interface Tenant {
  id: string
  pageId: string
  endpointId: string
  secret: string
  call: ReturnType<typeof api>
}

/** A customer with an active page and one endpoint, set up through the API by the operator and the customer. */
export async function addTenant(
  url: string,
  endpoint: Record<string, unknown>,
  { pageId = randomUUID().replace(/\D/g, ""), platform = "facebook" } = {},
): Promise<Tenant> {
  const operator = api(url, ADMIN_KEY)
  const { id } = await operator<{ id: string }>("POST", "/v1/customers", { name: "Test" })
  const { key } = await operator<{ key: string }>("POST", `/v1/customers/${id}/api-keys`, { name: "test" })
  const call = api(url, key)
  const connection = await call<{ id: string }>("POST", "/v1/connections", { platform, page_id: pageId })
  await api(url, ADMIN_KEY, id)("POST", `/v1/connections/${connection.id}/activate`)
  const created = await call<{ id: string; secret: string }>("POST", "/v1/endpoints", endpoint)
  return { id, pageId, endpointId: created.id, secret: created.secret, call }
}

export const sign = (body: string) => `sha256=${createHmac("sha256", APP_SECRET).update(body).digest("hex")}`

/** Posts a signed webhook as Meta does. */
export function postWebhook(url: string, body: unknown, platform = "facebook"): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return fetch(`${url}/webhooks/${platform}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": sign(text) },
    body: text,
  })
}

export function messengerText(pageId: string, mid: string, text = "Hello! I need help with my order.") {
  const timestamp = Date.now()
  return {
    object: "page",
    entry: [
      {
        id: pageId,
        time: timestamp,
        messaging: [{ sender: { id: "12345678901234" }, recipient: { id: pageId }, timestamp, message: { mid, text } }],
      },
    ],
  }
}
