import { BlockList, isIP, SocketAddress } from "node:net"

/**
 * Addresses that no customer's endpoint can have. Ranges that the registries call globally reachable (AS112, AMT, NAT64
 * …) are included, since none of them contains a web server.
 *
 * - source: https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry,
 *   …/multicast-addresses
 */
const SPECIAL_V4 = {
  "0.0.0.0/8": "this network",
  "10.0.0.0/8": "private",
  "100.64.0.0/10": "carrier-grade NAT",
  "127.0.0.0/8": "loopback",
  "168.63.129.16/32": "cloud platform service",
  "169.254.0.0/16": "link-local",
  "172.16.0.0/12": "private",
  "192.0.0.0/24": "protocol assignment",
  "192.0.2.0/24": "documentation",
  "192.31.196.0/24": "AS112",
  "192.52.193.0/24": "multicast tunneling",
  "192.88.99.0/24": "6to4 relay",
  "192.168.0.0/16": "private",
  "192.175.48.0/24": "AS112",
  "198.18.0.0/15": "benchmarking",
  "198.51.100.0/24": "documentation",
  "203.0.113.0/24": "documentation",
  "224.0.0.0/4": "multicast",
  "240.0.0.0/4": "reserved",
} as const

const SPECIAL_V6 = {
  "::/128": "unspecified",
  "::1/128": "loopback",
  "64:ff9b::/96": "NAT64",
  "64:ff9b:1::/48": "NAT64",
  "::/8": "reserved",
  "100::/64": "discard",
  "100:0:0:1::/64": "dummy",
  "2001::/32": "Teredo",
  "2001:2::/48": "benchmarking",
  "2001::/23": "protocol assignment",
  "2001:db8::/32": "documentation",
  "2002::/16": "6to4",
  "2620:4f:8000::/48": "AS112",
  "3fff::/20": "documentation",
  "5f00::/16": "segment routing",
  "fc00::/7": "unique local",
  "fe80::/10": "link-local",
  "fec0::/10": "site-local",
  "ff00::/8": "multicast",
} as const

/** The only block that IANA assigns for global unicast. Any other address is refused, with or without a name. */
const GLOBAL_V6 = "2000::/3"

interface Address {
  text: string
  family: "ipv4" | "ipv6"
}

/**
 * An address in canonical form, IPv4-mapped IPv6 as the IPv4 address it contains; null if it is not one or has a zone.
 */
export function parseAddress(ip: string): Address | null {
  const version = ip.includes("%") ? 0 : isIP(ip)
  if (version === 0) return null
  if (version === 4) return { text: ip, family: "ipv4" }
  const text = new SocketAddress({ address: ip, family: "ipv6" }).address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  return mapped?.[1] ? { text: mapped[1], family: "ipv4" } : { text, family: "ipv6" }
}

/**
 * Checks whether an address is in one of the networks.
 *
 * @throws RangeError on a text that is not a CIDR; it gives the position, not the value
 */
export function cidrMatcher(cidrs: readonly string[]): (address: Address) => boolean {
  const list = new BlockList()
  cidrs.forEach((cidr, index) => {
    const [, base = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? []
    const address = parseAddress(base)
    if (!address || Number(length) > (address.family === "ipv4" ? 32 : 128)) {
      throw new RangeError(`CIDR number ${index + 1} is not an address and a prefix length`)
    }
    list.addSubnet(address.text, Number(length), address.family)
  })
  return (address) => list.check(address.text, address.family)
}

const named = (ranges: Record<string, string>) =>
  Object.entries(ranges).map(([cidr, name]) => ({ name, covers: cidrMatcher([cidr]) }))

const RANGES = { ipv4: named(SPECIAL_V4), ipv6: named(SPECIAL_V6) }
const isGlobalV6 = cidrMatcher([GLOBAL_V6])
const coversLoopback = cidrMatcher(["127.0.0.0/8", "::1/128"])

/** The name of the special-purpose range that contains the address; null if it is an ordinary public address. */
export function specialPurpose(address: Address): string | null {
  const range = RANGES[address.family].find(({ covers }) => covers(address))
  if (range) return range.name
  return address.family === "ipv6" && !isGlobalV6(address) ? "unassigned" : null
}

const isNat64 = cidrMatcher(["64:ff9b::/96"])

/** The IPv4 address that a NAT64 gateway would connect to; null for any other address. */
export function nat64Target(address: Address): Address | null {
  if (address.family !== "ipv6" || !isNat64(address)) return null
  const groups = address.text.slice("64:ff9b::".length).split(":")
  const low = groups.pop() || "0"
  return parseAddress(`::ffff:${groups.pop() || "0"}:${low}`)
}

export function isLoopback(address: Address): boolean {
  return coversLoopback(address)
}
