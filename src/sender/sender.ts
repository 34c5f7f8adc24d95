import { Client } from "undici"
import type { AddressPolicy } from "./address-policy.ts"
import { createConnector } from "./connector.ts"
import type { Connection } from "./endpoint-connections.ts"
import { createEndpointPools } from "./endpoint-pools.ts"
import { ConnectError, outcomeOf } from "./failure.ts"
import { createLink } from "./link.ts"
import { Attempt, type SendResult } from "./request-attempt.ts"
import { createResolveHost, type ResolveHost } from "./resolve-host.ts"

export type { SendResult } from "./request-attempt.ts"

export interface SendRequest {
  endpointId: string
  url: string
  /** Names in lower case. Sent unchanged, beside user-agent, content-type and accept-encoding. */
  headers: Record<string, string>
  body: string
  /** Concurrent requests to this endpoint. Further ones wait, and the wait counts towards the total deadline. */
  maxConcurrency: number
  nowMs?: number
}

export interface SenderOptions {
  /** Onehook's version, for the user agent. */
  version: string
  policy: AddressPolicy
  resolve?: ResolveHost
  /** Certificate authorities to trust instead of Node's own. */
  ca?: string | Buffer
  dnsTimeoutMs?: number
  connectTimeoutMs?: number
  firstByteTimeoutMs?: number
  totalTimeoutMs?: number
  idlePoolMs?: number
  maxPools?: number
}

const CLIENT_OPTIONS = {
  pipelining: 1,
  allowH2: false,
  // The attempt's own timer replaces both.
  headersTimeout: 0,
  bodyTimeout: 0,
  // Shorter than the 5 s after which common servers (uvicorn, Apache) silently close an idle connection.
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 60_000,
}

/**
 * Sends requests to endpoints. `send` never rejects: every failure is an outcome. Redirects are not followed, and
 * responses are not decompressed. `close` waits for the running requests, at most for the total deadline.
 */
export function createSender(options: SenderOptions) {
  const { policy, version } = options
  const deadlines = { firstByteMs: options.firstByteTimeoutMs ?? 15_000, totalMs: options.totalTimeoutMs ?? 20_000 }
  const connecting = {
    policy,
    resolve: options.resolve ?? createResolveHost(),
    dnsTimeoutMs: options.dnsTimeoutMs ?? 3_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    ca: options.ca,
  }
  const pools = createEndpointPools({ opener, idleMs: options.idlePoolMs ?? 60_000, max: options.maxPools ?? 1_024 })
  const commonHeaders = {
    "user-agent": `Onehook/${version}`,
    "content-type": "application/json",
    "accept-encoding": "identity",
  }
  let closed = false

  function opener(url: string): () => Connection {
    const problem = policy.checkUrl(url)
    if (problem) throw new ConnectError({ kind: "blocked", reason: problem })
    const { origin } = new URL(url)
    const connect = createConnector(connecting)
    return () => {
      const link = createLink()
      return Object.assign(new Client(origin, { ...CLIENT_OPTIONS, connect: connect(link) }), { link })
    }
  }

  function send(request: SendRequest): Promise<SendResult> {
    return new Promise((resolve) => {
      const nowMs = Date.now()
      const attempt = new Attempt(request.nowMs ?? nowMs, deadlines, resolve)
      if (closed) return attempt.finish({ kind: "fault", reason: "the sender is closed" })
      try {
        const { connections, path } = pools.acquire(request.endpointId, request.url, request.maxConcurrency, nowMs)
        const headers = { ...commonHeaders, ...request.headers }
        connections.dispatch({ path, method: "POST", headers, body: request.body }, attempt)
      } catch (error) {
        attempt.finish(outcomeOf(error))
      }
    })
  }

  async function close(): Promise<void> {
    closed = true
    await pools.close()
  }

  return { send, close }
}
