import type { Socket } from "node:net"
import type { Link } from "./link.ts"

const STATUS = { start: "HTTP/1.1 ".length, end: "HTTP/1.1 100".length }
const HEAD_END = "\r\n\r\n"
const H = 0x48
const ONE = 0x31
const NOTHING = Buffer.alloc(0)

/**
 * Turns an unsolicited `100 Continue` into a 102, which undici skips; on a 100 it would break the connection. A client
 * must be able to parse one (https://www.rfc-editor.org/rfc/rfc9110#section-15.2). Bytes after the final head are not
 * inspected.
 */
export function skipContinue(socket: Socket, link: Link): void {
  const read = socket.read.bind(socket)
  let final = false
  let inInterimHead = false
  /** Bytes that cannot be judged yet: the beginning of a status line, or of the end of a head. */
  let held: Buffer = NOTHING

  /** @returns how many of the bytes undici may have */
  function judge(bytes: Buffer): number {
    let at = 0
    while (!final) {
      if (inInterimHead) {
        const end = bytes.indexOf(HEAD_END, at)
        if (end === -1) return Math.max(at, bytes.length - HEAD_END.length + 1)
        at = end + HEAD_END.length
      }
      const interim = (bytes[at] ?? H) === H && (bytes[at + STATUS.start] ?? ONE) === ONE
      inInterimHead = interim && at + STATUS.end <= bytes.length
      if (inInterimHead) hide100(bytes.subarray(at + STATUS.start, at + STATUS.end))
      else if (interim) return at
      else final = true
    }
    return bytes.length
  }

  socket.read = (size?: number) => {
    for (let chunk: Buffer | null = read(size); chunk !== null; chunk = read(size)) {
      if (link.readBytes === chunk.length) {
        final = inInterimHead = false
        held = NOTHING
      }
      if (final) return chunk
      const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
      const end = judge(bytes)
      held = end < bytes.length ? bytes.subarray(end) : NOTHING
      if (end === bytes.length) return bytes
      if (end > 0) return bytes.subarray(0, end)
    }
    return null
  }
}

function hide100(status: Buffer): void {
  if (status.toString("latin1") === "100") status.write("102", "latin1")
}
