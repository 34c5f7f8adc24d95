import { setTimeout as delay } from "node:timers/promises"
import packageJson from "../../../package.json" with { type: "json" }
import { signWebhook } from "../../core/delivery/signature.ts"

interface Target {
  url: URL
  secret: string
  interrupted: AbortSignal
  /** Called when the handler refuses the connection; it is retried until it accepts one. */
  onAbsent(): void
}

/** The handler's response status, or why there was no response. */
export type Forwarded = { status: number; ms: number } | { error: string; ms: number }

const RETRY_MS = 1_000
const TIMEOUT_MS = 20_000

/**
 * Posts one event to a local handler as a dispatcher would post it to an endpoint. Any response counts. If the handler
 * is not running, for example because it restarts after a change, the post is retried.
 */
export async function forward(event: { id: string; body: string }, target: Target): Promise<Forwarded> {
  for (;;) {
    const started = performance.now()
    const result = await post(event, target)
    if (result !== "absent") return { ...result, ms: Math.round(performance.now() - started) }
    target.onAbsent()
    await delay(RETRY_MS, undefined, { signal: target.interrupted })
  }
}

async function post({ id, body }: { id: string; body: string }, { url, secret, interrupted }: Target) {
  const timestampS = Math.floor(Date.now() / 1000)
  const headers = {
    "content-type": "application/json",
    "user-agent": `Onehook/${packageJson.version}`,
    "webhook-id": id,
    "webhook-timestamp": String(timestampS),
    "webhook-signature": signWebhook({ id, timestampS, body, secrets: [secret] }),
  }
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(TIMEOUT_MS)])
  try {
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal })
    await response.arrayBuffer()
    return { status: response.status }
  } catch (error) {
    interrupted.throwIfAborted()
    const { name, cause } = error as { name: string; cause?: { code?: string } }
    if (cause?.code === "ECONNREFUSED") return "absent"
    return { error: name === "TimeoutError" ? `no response within ${TIMEOUT_MS / 1000} s` : (cause?.code ?? name) }
  }
}
