import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/**
 * Stands before a server. Each piece of data waits for half of the round trip, either way. While it hangs, connections stay, new
 * ones are taken, and nothing comes through.
 */
export async function startProxy(target: string, roundTripMs = 0) {
  const url = new URL(target)
  const { hostname, port } = url
  const sockets = new Set<Socket>()
  let hangs = false
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on("error", () => {})
    from.on("data", (chunk) => {
      const write = () => to.writable && to.write(chunk)
      if (roundTripMs === 0) write()
      else setTimeout(write, roundTripMs / 2)
    })
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
