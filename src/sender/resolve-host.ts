import { lookup, Resolver } from "node:dns/promises"

/** All addresses of a name. Rejects with a system code: ENOTFOUND, ETIMEOUT … */
export type ResolveHost = (host: string) => Promise<string[]>

const ABSENT = new Set(["ENOTFOUND", "ENODATA", "ECONNREFUSED"])

/**
 * Queries the name servers directly, and the system's resolver (hosts file, search domains) only for names they lack.
 *
 * While a name server does not answer, the system's resolver occupies one of the process's four shared threads, so a
 * few dead names would stop all sending. Direct queries occupy none; the system's resolver gets one query at a time.
 * Concurrent callers share one query.
 */
export function createResolveHost(): ResolveHost {
  const resolver = new Resolver({ timeout: 800, tries: 2 })
  const pending = new Map<string, Promise<string[]>>()
  let lastSystemQuery: Promise<unknown> = Promise.resolve()

  async function askServers(host: string): Promise<string[]> {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
    const failed = answers.find((answer) => answer.status === "rejected")
    if (addresses.length === 0 && failed) throw failed.reason
    return addresses
  }

  function askSystem(host: string): Promise<string[]> {
    const answer = lastSystemQuery.then(async () => (await lookup(host, { all: true })).map(({ address }) => address))
    lastSystemQuery = answer.catch(() => undefined)
    return answer
  }

  async function resolve(host: string): Promise<string[]> {
    if (host === "localhost") return askSystem(host)
    return askServers(host).catch((error: NodeJS.ErrnoException) => {
      if (ABSENT.has(error.code ?? "")) return askSystem(host)
      throw error
    })
  }

  return (host) => {
    const shared = pending.get(host)
    if (shared) return shared
    const answer = resolve(host).finally(() => pending.delete(host))
    pending.set(host, answer)
    return answer
  }
}
