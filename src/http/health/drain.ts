import { Server, type Socket } from "node:net"
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises"
import type { FastifyInstance } from "fastify"

/** A turn of the event loop in which nothing happens takes a tenth of this. */
const QUIET_TURN_MS = 0.5
/** Load, or a connection on which no request arrives, must not keep the server open. */
const QUIET_WITHIN_MS = 1_000
const POLL_MS = 5

/**
 * Keeps the server open for `delayMs` after `close` is called, so that load balancers notice and no request is lost.
 * Meanwhile requests are served as before, and Fastify adds `connection: close` to every response.
 *
 * @returns a function that says whether the server is being closed
 */
export function drainBeforeClose(fastify: FastifyInstance, delayMs: number): () => boolean {
  const { server } = fastify
  let closing = false
  let accepted = 0
  const withoutRequest = new Set<Socket>()
  server.on("connection", (socket) => {
    accepted += 1
    withoutRequest.add(socket)
    socket.once("close", () => withoutRequest.delete(socket))
  })
  server.on("request", ({ socket }) => withoutRequest.delete(socket))

  /** Connections that wait to be accepted are reset when the listener closes, and Node accepts one in each turn. */
  async function acceptAll(): Promise<void> {
    const deadline = performance.now() + QUIET_WITHIN_MS
    for (let now = performance.now(); now < deadline; ) {
      const before = { accepted, now }
      await nextTurn()
      now = performance.now()
      if (accepted === before.accepted && now - before.now < QUIET_TURN_MS) return
    }
  }

  async function firstRequests(): Promise<void> {
    const deadline = performance.now() + QUIET_WITHIN_MS
    while (withoutRequest.size > 0 && performance.now() < deadline) await delay(POLL_MS)
  }

  fastify.addHook("preClose", async () => {
    closing = true
    await delay(delayMs)
    await acceptAll()
    // Only the listener: Node's `close` of an HTTP server resets connections whose first request is still to come.
    Server.prototype.close.call(server)
    await firstRequests()
  })
  return () => closing
}
