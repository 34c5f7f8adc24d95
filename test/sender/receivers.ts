import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createServer as createHttpsServer } from "node:https"
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net"
import { onTestFinished, vi } from "vitest"
import { createAddressPolicy } from "../../src/sender/address-policy.ts"
import { createSender, type SenderOptions, type SendRequest } from "../../src/sender/sender.ts"

type Handler = (request: IncomingMessage & { text: string }, response: ServerResponse) => void

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket)).on("error", () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function receiver(server: Server, scheme: string, handle: Handler) {
  const requests: (IncomingMessage & { text: string })[] = []
  const connections: Socket[] = []
  server.on("connection", (socket: Socket) => connections.push(socket))
  server.on("request", async (request: IncomingMessage & { text: string }, response: ServerResponse) => {
    request.text = ""
    for await (const chunk of request.setEncoding("utf8")) request.text += chunk
    requests.push(request)
    handle(request, response)
  })
  return listen(server).then((port) => ({ url: `${scheme}://127.0.0.1:${port}/hook`, port, requests, connections }))
}

const answer200: Handler = (_request, response) => void response.end("ok")

/** A receiver of complete requests that is closed when the test ends. */
export const startReceiver = (handle: Handler = answer200) => receiver(createHttpServer(), "http", handle)

export const startTlsReceiver = (tls: { key: string; cert: string }, handle: Handler = answer200) =>
  receiver(createHttpsServer(tls), "https", handle)

/** A TCP peer, for responses that no HTTP server sends. */
export async function startPeer(onSocket: (socket: Socket) => void) {
  const port = await listen(createTcpServer(onSocket))
  return { url: `http://127.0.0.1:${port}/hook`, port }
}

/** Calls back with the head of each complete request on a socket. */
export function onRequest(socket: Socket, answer: () => void): void {
  socket.on("data", (chunk) => {
    if (chunk.toString().includes("\r\n\r\n")) answer()
  })
}

/** A sender that may reach loopback, with defaults except for what a test sets. */
export function startSender(options: Partial<SenderOptions> = {}) {
  const policy = createAddressPolicy({ allowLoopback: true })
  const sender = createSender({ version: "1.2.3", policy, ...options })
  onTestFinished(() => void sender.close())
  const send = (request: Partial<SendRequest> & { url: string }) =>
    sender.send({ endpointId: "ep_a", headers: {}, body: "{}", maxConcurrency: 4, ...request })
  return { send, close: sender.close }
}

export const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 10_000, interval: 5 })
