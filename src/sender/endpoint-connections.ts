import type { Dispatcher } from "undici"
import type { Link } from "./link.ts"
import type { Attempt } from "./request-attempt.ts"

export type Connection = Pick<Dispatcher, "dispatch" | "close"> & { link?: Link }

interface Waiting {
  request: Dispatcher.DispatchOptions
  attempt: Attempt
  sinceMs: number
}

/** Another connection costs both sides a (TLS) handshake, so a request first waits this long for a free one. */
const GROW_AFTER_MS = 5

/**
 * The connections of one endpoint, one request at a time on each, so their number is the endpoint's concurrency.
 * undici's Pool opens a connection for each request that finds none free, and searches all of them for a free one. Here
 * the connection used last takes the next request, and another one is opened only for a request that has waited.
 */
export function createEndpointConnections(open: () => Connection, maxConcurrency: number) {
  const all: Connection[] = []
  const free: Connection[] = []
  const waiting: Waiting[] = []
  let growing = false
  let onIdle: (() => void) | undefined

  function openConnection(): Connection {
    const connection = open()
    all.push(connection)
    return connection
  }

  /** Opens a connection for each request that has waited long enough, up to the maximum. */
  function grow(): void {
    growing = false
    const waitingSinceMs = performance.now() - GROW_AFTER_MS
    while (all.length < maxConcurrency && (waiting[0]?.sinceMs ?? Number.POSITIVE_INFINITY) <= waitingSinceMs) {
      const next = nextWaiting()
      if (next) start(openConnection(), next.request, next.attempt)
    }
    growLater()
  }

  function growLater(): void {
    const [oldest] = waiting
    if (oldest === undefined || growing || all.length >= maxConcurrency) return
    growing = true
    setTimeout(grow, Math.max(0, oldest.sinceMs + GROW_AFTER_MS - performance.now()))
  }

  function nextWaiting(): Waiting | undefined {
    let next = waiting.shift()
    while (next?.attempt.isSettled()) next = waiting.shift()
    return next
  }

  function start(connection: Connection, request: Dispatcher.DispatchOptions, attempt: Attempt): void {
    attempt.onSettled = () => release(connection)
    attempt.link = connection.link ?? null
    connection.dispatch(request, attempt)
  }

  function release(connection: Connection): void {
    const next = nextWaiting()
    if (next) start(connection, next.request, next.attempt)
    else free.push(connection)
    if (isIdle()) onIdle?.()
  }

  /** Sends now, or as soon as a connection is free. An attempt that settles while it waits is never sent. */
  function dispatch(request: Dispatcher.DispatchOptions, attempt: Attempt): void {
    const connection = free.pop() ?? (all.length === 0 ? openConnection() : undefined)
    if (connection) start(connection, request, attempt)
    else {
      waiting.push({ request, attempt, sinceMs: performance.now() })
      growLater()
    }
  }

  const isIdle = () => free.length === all.length

  /** Waits for the requests dispatched so far. */
  async function close(): Promise<void> {
    if (!isIdle()) {
      await new Promise<void>((resolve) => {
        onIdle = resolve
      })
    }
    await Promise.all(all.map((connection) => connection.close()))
  }

  return { dispatch, close, isIdle }
}

export type EndpointConnections = ReturnType<typeof createEndpointConnections>
