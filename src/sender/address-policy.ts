import { cidrMatcher, isLoopback, nat64Target, parseAddress, specialPurpose } from "./special-purpose.ts"

interface AddressPolicyOptions {
  /** For local development: allows `http`, any port and loopback addresses, for loopback hosts only. */
  allowLoopback?: boolean
  /** Special-purpose networks that may be reached nevertheless, such as `10.20.0.0/16`. */
  allowedCidrs?: readonly string[]
  /** Ports besides 443 and 8443. */
  allowedPorts?: readonly number[]
}

/**
 * Both return null if allowed, otherwise a sentence for the log. The one of `checkUrl` may be shown to the customer.
 */
export interface AddressPolicy {
  checkUrl(url: string): string | null
  checkAddress(ip: string): string | null
}

const ALWAYS_ALLOWED_PORTS = [443, 8443]

/**
 * Decides which endpoints may be reached.
 *
 * @throws RangeError if a CIDR is not valid
 */
export function createAddressPolicy(options: AddressPolicyOptions = {}): AddressPolicy {
  const allowLoopback = options.allowLoopback ?? false
  const isAllowedNetwork = cidrMatcher(options.allowedCidrs ?? [])
  const ports = new Set([...ALWAYS_ALLOWED_PORTS, ...(options.allowedPorts ?? [])])

  function checkAddress(ip: string): string | null {
    const address = parseAddress(ip)
    if (!address) return "the address is not an IP address"
    if (allowLoopback && isLoopback(address)) return null
    if (isAllowedNetwork(address)) {
      const target = nat64Target(address)
      return target && checkAddress(target.text)
    }
    const range = specialPurpose(address)
    return range && `the address is special-purpose (${range})`
  }

  function checkUrl(text: string): string | null {
    const url = URL.parse(text)
    if (!url) return "the URL is not valid"
    const problem = checkSpelling(text, url)
    if (problem) return problem
    const host = bareHost(url)
    const local = allowLoopback && isLoopbackHost(host)
    if (!local && url.protocol !== "https:") return "the URL must use https"
    if (!local && !ports.has(portOf(url))) return "the port is not allowed"
    if (!local && isLocalName(host)) return "the host is not public"
    return parseAddress(host) && checkAddress(host)
  }

  return { checkUrl, checkAddress }
}

/**
 * A URL must be written in its normal form: the parser silently reads `0x7f.1`, `2130706433`, `017700000001` and
 * full-width digits as 127.0.0.1, and drops tabs. So the host is compared as written.
 */
function checkSpelling(text: string, url: URL): string | null {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "the URL must use https"
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the URL parser silently drops them
  if (/[\u0000-\u0020\u007f\\]/.test(text)) return "the URL contains a space, a control character or a backslash"
  const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1]
  if (authority === undefined) return "the URL is not valid"
  if (authority.includes("@")) return "the URL must not contain a user name or a password"
  if (text.includes("#")) return "the URL must not have a fragment"
  const host = bareHost(url)
  if (host.endsWith(".")) return "the host must not end with a dot"
  if (parseAddress(host) && authority.toLowerCase().replace(/:\d*$/, "") !== url.hostname) {
    return `the host must be written as ${url.hostname}`
  }
  return null
}

/** Without the brackets of an IPv6 literal. */
function bareHost(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname
}

function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port)
}

function isLocalName(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost")
}

function isLoopbackHost(host: string): boolean {
  const address = parseAddress(host)
  return address ? isLoopback(address) : isLocalName(host)
}
