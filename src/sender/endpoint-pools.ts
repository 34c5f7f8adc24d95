import { type Connection, createEndpointConnections, type EndpointConnections } from "./endpoint-connections.ts"

/** The open connections of one endpoint. */
export interface EndpointPool {
  readonly url: string
  readonly maxConcurrency: number
  readonly path: string
  readonly connections: EndpointConnections
  lastUsedMs: number
}

interface EndpointPoolsOptions {
  /** Returns a function that opens one connection. Throws if the URL is refused. */
  opener(url: string): () => Connection
  /** An endpoint's connections are closed after this time without a request. */
  idleMs: number
  /** How many endpoints may have connections at once. Connections in use are not closed even beyond it. */
  max: number
}

/** One pool per endpoint, not per origin: customers share origins, and a hanging endpoint must not affect others. */
export function createEndpointPools({ opener, idleMs, max }: EndpointPoolsOptions) {
  const pools = new Map<string, EndpointPool>()
  const closing = new Set<Promise<void>>()
  const sweeping = setInterval(() => closeIdle(Date.now()), Math.ceil(idleMs / 4)).unref()

  function discard(endpointId: string, { connections }: EndpointPool): void {
    pools.delete(endpointId)
    const closed = connections.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }

  /** Closes the pools that were unused longest, a sixteenth of the maximum at a time, so that the search is rare. */
  function makeRoom(): void {
    if (pools.size < max) return
    const idle = [...pools].filter(([, { connections }]) => connections.isIdle())
    const oldest = idle.sort(([, a], [, b]) => a.lastUsedMs - b.lastUsedMs)
    for (const [id, entry] of oldest.slice(0, Math.max(1, max >> 4))) discard(id, entry)
  }

  /**
   * The endpoint's pool, replaced after a change of its URL or concurrency; requests already dispatched are still sent.
   */
  function acquire(endpointId: string, url: string, maxConcurrency: number, nowMs: number): EndpointPool {
    const known = pools.get(endpointId)
    if (known && known.url === url && known.maxConcurrency === maxConcurrency) {
      known.lastUsedMs = nowMs
      return known
    }
    if (known) discard(endpointId, known)
    makeRoom()
    const connections = createEndpointConnections(opener(url), maxConcurrency)
    const { pathname, search } = new URL(url)
    const entry = { url, maxConcurrency, path: pathname + search, connections, lastUsedMs: nowMs }
    pools.set(endpointId, entry)
    return entry
  }

  function closeIdle(nowMs: number): void {
    for (const [id, entry] of pools) {
      if (nowMs - entry.lastUsedMs >= idleMs && entry.connections.isIdle()) discard(id, entry)
    }
  }

  /** Waits for the requests already dispatched. */
  async function close(): Promise<void> {
    clearInterval(sweeping)
    for (const [id, entry] of pools) discard(id, entry)
    await Promise.all(closing)
  }

  return { acquire, closeIdle, close, count: () => pools.size }
}
