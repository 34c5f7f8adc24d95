import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import type { Lab } from "./lab.ts"

const HEAD_END = "\r\n\r\n"

/** A TCP server for answers that no HTTP server gives. Counts its connections. */
export async function startPeer(lab: Lab, onSocket: (socket: Socket) => void, host = "127.0.0.1", port = 0) {
  const sockets = new Set<Socket>()
  const peer = { url: "", port: 0, connections: 0 }
  const server = createServer((socket) => {
    peer.connections += 1
    sockets.add(socket)
    socket.on("error", () => {}).on("close", () => sockets.delete(socket))
    onSocket(socket)
  })
  server.listen(port, host)
  await once(server, "listening")
  lab.closers.add(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  peer.port = (server.address() as AddressInfo).port
  peer.url = `http://${host}:${peer.port}/hook`
  return peer
}

/** Writes `head` when the head of a request has arrived, then calls `next`. */
export function answering(head: string, next: (socket: Socket) => void) {
  return (socket: Socket) => {
    socket.once("data", (chunk) => {
      if (!chunk.toString().includes(HEAD_END)) return
      socket.write(head)
      next(socket)
    })
  }
}

/** Writes one piece every `everyMs` milliseconds, for ever. */
export const drip = (piece: string, everyMs: number) => (socket: Socket) => {
  const timer = setInterval(() => socket.write(piece), everyMs)
  socket.on("close", () => clearInterval(timer))
}

/** Writes `bytes` bytes as fast as they are read. */
export const flood = (bytes: number, chunk: Buffer) => (socket: Socket) => {
  let left = bytes
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= chunk.length
      if (!socket.write(chunk)) return
    }
    if (left <= 0) socket.end()
  }
  socket.on("drain", more)
  more()
}
