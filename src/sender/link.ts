import type { Socket } from "node:net"

interface Phases {
  dns?: number
  connect?: number
  tls?: number
}

const NONE: Phases = {}

/** What is known about one connection to an endpoint: its address, and how long its phases took. */
export interface Link {
  remoteAddress: string | null
  /** Bytes received on it since its last request began. */
  readBytes: number
  /** To be called when a connection is about to be made. */
  open(): void
  /** To be called when a phase has ended. */
  passed(phase: keyof Phases): void
  /** The phases since the last call, in whole milliseconds; empty if the connection existed already. */
  takePhases(): Phases
  /** To be called when the connection has been made. */
  connected(socket: Socket): void
  /** Whether the endpoint has ended the connection. */
  hasEnded(): boolean
  /** To be called when a complete response has been received. */
  answered(): void
}

export function createLink(): Link {
  let phases = NONE
  let since = 0
  let socket: Socket | undefined
  return {
    remoteAddress: null,
    readBytes: 0,
    open() {
      this.remoteAddress = null
      phases = {}
      since = performance.now()
    },
    passed(phase) {
      const now = performance.now()
      phases[phase] = Math.round(now - since)
      since = now
    },
    takePhases() {
      const taken = phases
      phases = NONE
      return taken
    },
    connected(made) {
      socket = made
    },
    hasEnded: () => socket?.readableEnded ?? false,
    answered() {
      // TLS updates the number of unsent bytes only in the next event-loop turn; undici sends no request before that.
      if (socket && socket.writableLength > 0) setImmediate(dropUnsent, socket)
    },
  }
}

/** An endpoint that responds without reading gets no second request: the unsent data would grow without limit. */
function dropUnsent(socket: Socket): void {
  if (socket.writableLength > 0) socket.destroy()
}
