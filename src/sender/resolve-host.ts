import { lookup, Resolver } from "node:dns/promises"
import { setTimeout as delay } from "node:timers/promises"

/** All addresses of a name. Rejects with a system code: ENOTFOUND, ETIMEOUT … */
export type ResolveHost = (host: string) => Promise<string[]>

interface ResolveHostOptions {
  /** The name servers, such as `10.0.0.2` or `10.0.0.2:5353`. By default those that the system names at this moment. */
  servers?: () => string[]
  now?: () => number
}

const ABSENT = new Set(["ENOTFOUND", "ENODATA", "ECONNREFUSED"])
/** What a name server answers that cannot help; another one may. */
const UNABLE = new Set(["ESERVFAIL", "EREFUSED", "ENOTIMP", "EFORMERR", "EBADRESP"])
const QUERY = { timeout: 800, tries: 2 }
/**
 * How long a family of addresses is waited for once there are addresses of the other, as some name servers drop AAAA.
 */
const OTHER_FAMILY_MS = 150
/** A machine may get other name servers while the process runs. */
const RELOAD_EVERY_MS = 10_000

/**
 * Queries the name servers directly, and the system's resolver (hosts file, search domains) only for names they lack.
 *
 * While a name server does not answer, the system's resolver occupies one of the process's four shared threads, so a
 * few dead names would stop all sending. Direct queries occupy none; the system's resolver gets one query at a time.
 * Concurrent callers share one query.
 */
export function createResolveHost(options: ResolveHostOptions = {}): ResolveHost {
  const { servers = () => new Resolver().getServers(), now = () => performance.now() } = options
  const pending = new Map<string, Promise<string[]>>()
  let lastSystemQuery: Promise<unknown> = Promise.resolve()
  let current: { servers: string[]; readAtMs: number } | undefined

  function currentServers(): string[] {
    if (!current || now() - current.readAtMs >= RELOAD_EVERY_MS) current = { servers: servers(), readAtMs: now() }
    return current.servers
  }

  /**
   * All servers together, in order while one does not respond; then one by one, if one responds that it cannot help.
   */
  async function askServers(host: string): Promise<string[]> {
    const all = currentServers()
    let failure: unknown
    for (const some of [all, ...all.map((server) => [server])]) {
      try {
        return await askBothFamilies(host, some)
      } catch (error) {
        failure = error
        if (!UNABLE.has(codeOf(error))) break
      }
    }
    throw failure
  }

  function askSystem(host: string): Promise<string[]> {
    const answer = lastSystemQuery.then(async () => (await lookup(host, { all: true })).map(({ address }) => address))
    lastSystemQuery = answer.catch(() => undefined)
    return answer
  }

  async function resolve(host: string): Promise<string[]> {
    if (host === "localhost") return askSystem(host)
    return askServers(host).catch((error) => {
      if (ABSENT.has(codeOf(error))) return askSystem(host)
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

/** Addresses of both families, or of one if the other is late. Absent is the name only if both queries say so. */
async function askBothFamilies(host: string, servers: string[]): Promise<string[]> {
  const resolver = new Resolver(QUERY)
  resolver.setServers(servers)
  const addresses: string[] = []
  const errors: unknown[] = []
  const families = [resolver.resolve4(host), resolver.resolve6(host)].map(async (family) => {
    try {
      addresses.push(...(await family))
    } catch (error) {
      errors.push(error)
    }
  })
  await Promise.race(families)
  await Promise.race([
    Promise.all(families),
    addresses.length > 0 ? delay(OTHER_FAMILY_MS, undefined, { ref: false }) : new Promise(() => {}),
  ])
  if (addresses.length === 0) throw errors.find((error) => !ABSENT.has(codeOf(error))) ?? errors[0]
  return [...addresses]
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ""
}
