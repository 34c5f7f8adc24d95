import { once } from "node:events"
import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { Webhook } from "standardwebhooks"
import { expect } from "vitest"
import { breaches, operationalBreaches } from "../platforms/support/contract.ts"
import { until } from "./until.ts"

export interface Received {
  id: string
  headers: IncomingHttpHeaders
  body: string
  /** When it was complete, by `performance.now()`. */
  atMs: number
}

type Answer = number | { status: number; headers: Record<string, string> } | Promise<number>

/** A customer's endpoint: a real HTTP server that records its requests. */
export async function startReceiver(answer: (received: Received, count: number) => Answer = () => 200) {
  const requests: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk) => chunks.push(chunk))
    request.on("end", async () => {
      const body = Buffer.concat(chunks).toString()
      const received = {
        id: String(request.headers["webhook-id"]),
        headers: request.headers,
        body,
        atMs: performance.now(),
      }
      requests.push(received)
      const given = await answer(received, requests.length)
      const { status, headers } = typeof given === "number" ? { status: given, headers: {} } : given
      response.writeHead(status, headers).end()
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests,
    ids: () => new Set(requests.map(({ id }) => id)),
    /** Waits for the first request that matches. */
    get: (matches: (received: Received) => boolean = () => true, withinMs?: number) =>
      until(() => requests.find(matches), "a request at the receiver", withinMs),
    /** Closes the server and checks every received event against the contract. */
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
      for (const { id, body } of requests) {
        const broken = id.startsWith("ope_") ? operationalBreaches : breaches
        expect(broken(JSON.parse(body))).toBeNull()
      }
    },
  }
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>

/** Verifies the signature with the reference implementation, as a customer does, and parses the event. */
export function verified(received: Received, secret: string): Record<string, unknown> {
  return new Webhook(secret).verify(received.body, received.headers as Record<string, string>) as never
}
