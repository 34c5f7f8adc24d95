interface Phases {
  dns?: number
  connect?: number
  tls?: number
}

const NONE: Phases = {}

/** What is known of one connection to an endpoint: where it leads, and how long its making took. */
export interface Link {
  remoteAddress: string | null
  /** A connection is being made. */
  open(): void
  /** A phase of it has ended. */
  passed(phase: keyof Phases): void
  /** The phases since the last call, in whole milliseconds: nothing where the connection was there already. */
  takePhases(): Phases
}

export function createLink(): Link {
  let phases = NONE
  let since = 0
  return {
    remoteAddress: null,
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
  }
}
