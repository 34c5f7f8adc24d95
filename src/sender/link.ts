import type { Socket } from "node:net"

interface Phases {
  dns?: number
  connect?: number
  tls?: number
}

const NONE: Phases = {}

/** What is known of one connection to an endpoint: where it leads, and how long its making took. */
export interface Link {
  remoteAddress: string | null
  /** How much has come on it since its last request began. */
  readBytes: number
  /** A connection is being made. */
  open(): void
  /** A phase of it has ended. */
  passed(phase: keyof Phases): void
  /** The phases since the last call, in whole milliseconds: nothing where the connection was there already. */
  takePhases(): Phases
  /** The connection has been made. */
  connected(socket: Socket): void
  /** A whole answer has come on it. */
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
    answered() {
      // TLS tells only in the next turn what it has written; undici writes the next request no sooner.
      if (socket && socket.writableLength > 0) setImmediate(dropUnsent, socket)
    },
  }
}

/** Whoever answers without reading gets no second request on the connection: what is unsent would grow without end. */
function dropUnsent(socket: Socket): void {
  if (socket.writableLength > 0) socket.destroy()
}
