import { createServer, type Socket } from "node:net"

export const FAILED = Buffer.from("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n")
export const OK = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

/** Takes the head and the body of a request, returns the bytes of the response, or null to leave it hanging. */
type Answer = (head: string, body: Buffer) => Buffer | null

/** Starts a minimal HTTP server. @returns its port on the loopback address */
export function listenForRequests(answer: Answer): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer((socket) => serve(socket, answer))
    server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : 0)
    })
  })
}

function serve(socket: Socket, answer: Answer): void {
  let received: Buffer | null = null
  socket.setNoDelay(true)
  socket.on("error", () => {})
  socket.on("data", (chunk: Buffer) => {
    let bytes: Buffer = received === null ? chunk : Buffer.concat([received, chunk])
    for (;;) {
      const end = bytes.indexOf("\r\n\r\n")
      if (end < 0) break
      const head = bytes.toString("latin1", 0, end)
      const size = end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      if (bytes.length < size) break
      const written = answer(head, bytes.subarray(end + 4, size))
      if (written) socket.write(written)
      bytes = bytes.subarray(size)
    }
    received = bytes.length > 0 ? bytes : null
  })
}
