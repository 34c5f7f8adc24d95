import { connect, type Socket } from "node:net"

export interface Connection {
  /** Writes one request at a time. @returns the status, or 0 if the connection broke before a response */
  send(request: Buffer): Promise<number>
  close(): void
}

/** A gateway that never responds must not stop the benchmark. */
const ANSWER_WITHIN_MS = 30_000

/**
 * A minimal keep-alive HTTP/1.1 connection that reconnects after it was closed.
 *
 * - errors: none; a response without content-length, unless its status implies an empty body, counts as broken
 */
export function openConnection(port: number): Connection {
  let socket: Socket | null = null
  let answered: ((status: number) => void) | null = null
  let received: Buffer | null = null

  const finish = (status: number) => {
    const callback = answered
    answered = null
    received = null
    callback?.(status)
  }

  function open(): Socket {
    const opened = connect({ port, host: "127.0.0.1", noDelay: true })
    opened.on("data", (chunk: Buffer) => {
      received = received === null ? chunk : Buffer.concat([received, chunk])
      const status = readAnswer(received)
      if (status === "broken") opened.destroy()
      else if (status !== "incomplete") finish(status)
    })
    opened.setTimeout(ANSWER_WITHIN_MS, () => opened.destroy())
    opened.on("error", () => {})
    opened.on("close", () => {
      if (socket === opened) socket = null
      finish(0)
    })
    return opened
  }

  return {
    send(request) {
      socket ??= open()
      socket.write(request)
      return new Promise((resolve) => {
        answered = resolve
      })
    },
    close() {
      socket?.destroy()
      socket = null
    },
  }
}

/** The status, once the whole response has arrived. */
function readAnswer(bytes: Buffer): number | "incomplete" | "broken" {
  const text = bytes.toString("latin1")
  const end = text.indexOf("\r\n\r\n")
  if (end < 0) return "incomplete"
  const status = Number(text.slice(9, 12))
  const head = text.slice(0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? (status === 204 || status === 304 ? "0" : undefined)
  if (length === undefined) return "broken"
  return bytes.length >= end + 4 + Number(length) ? status : "incomplete"
}
