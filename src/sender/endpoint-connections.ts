import type { Dispatcher } from "undici"
import type { Link } from "./link.ts"
import type { Attempt } from "./request-attempt.ts"

export type Connection = Pick<Dispatcher, "dispatch" | "close"> & { link?: Link }

interface Waiting {
  request: Dispatcher.DispatchOptions
  attempt: Attempt
  sinceMs: number
}

/** A connection more costs both sides a handshake, TLS above all, so a request waits first for one that comes free. */
const GROW_AFTER_MS = 5

/**
 * The connections of one endpoint, one request at a time on each, so their number is the endpoint's concurrency.
 * undici's Pool does the same, but opens a connection for each request that finds none free, and searches all for a
 * free one; here the connection just used takes the next request, and another is opened for one that has waited.
 */
export function createEndpointConnections(open: () => Connection, maxConcurrency: number) {
  const all: Connection[] = []
  const free: Connection[] = []
  const waiting: Waiting[] = []
  let growing = false
  let onIdle: (() => void) | undefined

  function opened(): Connection {
    const connection = open()
    all.push(connection)
    return connection
  }

  /** Everyone who has waited long enough gets a connection, while there may be more. */
  function grow(): void {
    growing = false
    const longAgoMs = performance.now() - GROW_AFTER_MS
    while (all.length < maxConcurrency && (waiting[0]?.sinceMs ?? Number.POSITIVE_INFINITY) <= longAgoMs) {
      const next = nextWaiting()
      if (next) start(opened(), next.request, next.attempt)
    }
    growLater()
  }

  function growLater(): void {
    const [oldest] = waiting
    if (oldest === undefined || growing || all.length >= maxConcurrency) return
    growing = true
    setTimeout(grow, oldest.sinceMs + GROW_AFTER_MS - performance.now())
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

  /** Sends now, or when a connection is free; an attempt that settles while it waits is never sent. */
  function dispatch(request: Dispatcher.DispatchOptions, attempt: Attempt): void {
    const connection = free.pop() ?? (all.length === 0 ? opened() : undefined)
    if (connection) start(connection, request, attempt)
    else {
      waiting.push({ request, attempt, sinceMs: performance.now() })
      growLater()
    }
  }

  const isIdle = () => free.length === all.length

  /** Waits for the requests given so far. */
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
