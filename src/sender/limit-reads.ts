import type { Socket } from "node:net"
import { OverlongError } from "./failure.ts"
import type { Link } from "./link.ts"

/** Far more than a head (at most 16 KB in undici's parser) and a body (at most 64 KB in an attempt) need. */
const MAX_RAW_BYTES = 256 * 1024

/**
 * Destroys a connection that receives more for one request than any response needs. Interim responses, chunk extensions
 * and empty lines reach no handler, so they can only be counted here; without a limit they cost seconds of CPU.
 */
export function limitReads(socket: Socket, link: Link): void {
  const read = socket.read.bind(socket)
  socket.read = (size?: number) => {
    const chunk = read(size)
    if (chunk === null) return null
    link.readBytes += chunk.length
    if (link.readBytes <= MAX_RAW_BYTES) return chunk
    socket.destroy(new OverlongError())
    return null
  }
}
