import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import type { Lab } from "./lab.ts"

/** Stands before a server, and lets every piece of data wait for half of the round trip, either way. */
export async function startSlowProxy(lab: Lab, target: string, roundTripMs: number): Promise<{ url: string }> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on("error", () => {})
    from.on("data", (chunk) => setTimeout(() => to.writable && to.write(chunk), roundTripMs / 2))
    from.on("close", () => {
      sockets.delete(from)
      to.destroy()
    })
  }
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    pass(client, upstream)
    pass(upstream, client)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  lab.closers.add(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
