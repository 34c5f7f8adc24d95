import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/**
 * A TCP proxy that delays data in each direction by half of the round trip. While it hangs, it keeps connections and
 * accepts new ones, but passes no data.
 */
export async function startProxy(target: string, roundTripMs = 0) {
  const url = new URL(target)
  let { hostname, port } = url
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
    /** New connections go to another server; those that are open stay with the old one. */
    switchTo(other: string) {
      ;({ hostname, port } = new URL(other))
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
