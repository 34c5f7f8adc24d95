import type { Dispatcher } from "undici"
import type { Attempt } from "./attempt.ts"
import type { Link } from "./link.ts"

export type Connection = Pick<Dispatcher, "dispatch" | "close"> & { link?: Link }

/**
 * The connections of one endpoint, one request at a time on each, so their number is the endpoint's concurrency.
 * undici's Pool does the same, but opens a second connection for a request that follows another at once, and searches
 * all connections for a free one; here the connection just used takes the next request.
 */
export function createEndpointConnections(open: () => Connection, maxConcurrency: number) {
  const all: Connection[] = []
  const free: Connection[] = []
  const waiting: { request: Dispatcher.DispatchOptions; attempt: Attempt }[] = []
  let onIdle: (() => void) | undefined

  function grow(): Connection | undefined {
    if (all.length >= maxConcurrency) return undefined
    const connection = open()
    all.push(connection)
    return connection
  }

  function start(connection: Connection, request: Dispatcher.DispatchOptions, attempt: Attempt): void {
    attempt.onSettled = () => release(connection)
    attempt.link = connection.link ?? null
    connection.dispatch(request, attempt)
  }

  function release(connection: Connection): void {
    let next = waiting.shift()
    while (next?.attempt.isSettled()) next = waiting.shift()
    if (next) start(connection, next.request, next.attempt)
    else free.push(connection)
    if (isIdle()) onIdle?.()
  }

  /** Sends now, or when a connection is free; an attempt that settles while it waits is never sent. */
  function dispatch(request: Dispatcher.DispatchOptions, attempt: Attempt): void {
    const connection = free.pop() ?? grow()
    if (connection) start(connection, request, attempt)
    else waiting.push({ request, attempt })
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
