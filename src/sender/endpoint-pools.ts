import { type Connection, createEndpointConnections, type EndpointConnections } from "./endpoint-connections.ts"

/** What is kept open for one endpoint. */
export interface EndpointPool {
  readonly url: string
  readonly maxConcurrency: number
  readonly path: string
  readonly connections: EndpointConnections
  lastUsedMs: number
}

interface EndpointPoolsOptions {
  /** Gives a function that opens one connection. Throws when the URL is refused. */
  opener(url: string): () => Connection
  /** Unused for so long, an endpoint's connections are closed. */
  idleMs: number
  /** How many endpoints may hold connections at once. Those in use are never closed, even beyond it. */
  max: number
}

/**
 * A pool for each endpoint, never for each origin: customers share origins, and one's hanging endpoint must cost the
 * others nothing.
 */
export function createEndpointPools({ opener, idleMs, max }: EndpointPoolsOptions) {
  const pools = new Map<string, EndpointPool>()
  const closing = new Set<Promise<void>>()
  const sweeping = setInterval(() => closeIdle(Date.now()), Math.ceil(idleMs / 4)).unref()

  function discard(endpointId: string, { connections }: EndpointPool): void {
    pools.delete(endpointId)
    const closed = connections.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }

  /** Closes the longest unused, a sixteenth at a time, so that the search is rare. */
  function makeRoom(): void {
    if (pools.size < max) return
    const idle = [...pools].filter(([, { connections }]) => connections.isIdle())
    const oldest = idle.sort(([, a], [, b]) => a.lastUsedMs - b.lastUsedMs)
    for (const [id, entry] of oldest.slice(0, Math.max(1, max >> 4))) discard(id, entry)
  }

  /**
   * The endpoint's pool, opened anew after a change of its URL or concurrency; requests already given are still sent.
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

  /** Waits for the requests already given. */
  async function close(): Promise<void> {
    clearInterval(sweeping)
    for (const [id, entry] of pools) discard(id, entry)
    await Promise.all(closing)
  }

  return { acquire, closeIdle, close, count: () => pools.size }
}
