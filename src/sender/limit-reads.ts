import type { Socket } from "node:net"
import { OverlongError } from "./failure.ts"
import type { Link } from "./link.ts"

/** Far more than a head (16 KB, says undici's parser) and a body (64 KB, says the attempt) can need. */
const MAX_RAW_BYTES = 256 * 1024

/**
 * Destroys a connection on which more comes for one request than any answer needs. Interim responses, chunk extensions
 * and empty lines reach no handler, so they can be counted here alone; unlimited they cost seconds of CPU.
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
