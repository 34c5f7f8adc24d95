import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** Stands before a server. While it hangs, connections stay, new ones are taken, and nothing comes through. */
export async function startHangingProxy(target: string) {
  const url = new URL(target)
  const { hostname, port } = url
  const sockets = new Set<Socket>()
  let hangs = false
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on("error", () => {})
    from.on("data", (chunk) => to.writable && to.write(chunk))
    from.on("close", () => {
      sockets.delete(from)
      to.destroy()
    })
    if (hangs) from.pause()
  }
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    pass(client, upstream)
    pass(upstream, client)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    hang() {
      hangs = true
      for (const socket of sockets) socket.pause()
    },
    goOn() {
      hangs = false
      for (const socket of sockets) socket.resume()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
