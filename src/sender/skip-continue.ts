import type { Socket } from "node:net"

const CONTINUES = /^(?:HTTP\/1\.[01] 100[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)+/

/**
 * Drops an unasked `100 Continue` before undici reads it, which would break the connection. A client must be able to
 * read one (https://www.rfc-editor.org/rfc/rfc9110#section-15.2). Other 1xx undici reads by itself.
 */
export function skipContinue(socket: Socket): void {
  const read = socket.read.bind(socket)
  socket.read = (size?: number) => {
    let chunk: unknown = read(size)
    while (Buffer.isBuffer(chunk) && startsWith100(chunk)) {
      const length = CONTINUES.exec(chunk.toString("latin1", 0, 4096))?.[0].length
      if (length === undefined) break
      chunk = length < chunk.length ? chunk.subarray(length) : read(size)
    }
    return chunk
  }
}

/** `HTTP/1.1 100`, looked at from its end: of ordinary chunks one byte is read. */
function startsWith100(chunk: Buffer): boolean {
  return chunk[9] === 0x31 && chunk[10] === 0x30 && chunk[11] === 0x30 && chunk[0] === 0x48
}
