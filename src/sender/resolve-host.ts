import { lookup, Resolver } from "node:dns/promises"

/** All addresses of a name. Rejects with a system code: ENOTFOUND, ETIMEOUT … */
export type ResolveHost = (host: string) => Promise<string[]>

const ABSENT = new Set(["ENOTFOUND", "ENODATA", "ECONNREFUSED"])

/**
 * Asks the name servers first and the system (hosts file, search domains) only for a name they do not have.
 *
 * The system's resolver holds one of four threads that the whole process shares for as long as a name server is silent,
 * so a few dead names would stop the sending to everyone. The direct one holds none; the system is asked one at a time.
 * Callers at the same time share one query.
 */
export function createResolveHost(): ResolveHost {
  const resolver = new Resolver({ timeout: 800, tries: 2 })
  const underway = new Map<string, Promise<string[]>>()
  let systemTurn: Promise<unknown> = Promise.resolve()

  async function askServers(host: string): Promise<string[]> {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
    const failed = answers.find((answer) => answer.status === "rejected")
    if (addresses.length === 0 && failed) throw failed.reason
    return addresses
  }

  function askSystem(host: string): Promise<string[]> {
    const answer = systemTurn.then(async () => (await lookup(host, { all: true })).map(({ address }) => address))
    systemTurn = answer.catch(() => undefined)
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
    const shared = underway.get(host)
    if (shared) return shared
    const answer = resolve(host).finally(() => underway.delete(host))
    underway.set(host, answer)
    return answer
  }
}
