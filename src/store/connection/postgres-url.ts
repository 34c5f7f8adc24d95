import type pg from "pg"
import { parse, toClientConfig } from "pg-connection-string"

/** Scheme and login, the hosts, and the rest. */
const PARTS = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s
const SSL_MODES = ["disable", "require", "verify-ca", "verify-full"]
const SSL_OPTIONS = ["ssl", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslnegotiation"]
/** Onehook writes, so what excludes a server that takes writes cannot be meant. */
const SESSION_ATTRS = ["any", "read-write", "primary"]

/** One URL for each host of `postgres://user:password@a:5432,b:5432/database`. */
function urlsByHost(url: string): string[] {
  const [, start = "", hosts = "", rest = ""] = PARTS.exec(url) ?? []
  return hosts.split(",").map((host) => `${start}${host}${rest}`)
}

/**
 * What is wrong with the URL, to continue a sentence that begins with its variable; it repeats nothing of the login.
 */
export function postgresUrlFault(url: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(url)) return "must start with postgres:// or postgresql://"
  // pg accepts a URL without a host, for a Unix socket; URL.canParse does not.
  if (!urlsByHost(url).every((one) => URL.canParse(one.replace("@/", "@localhost/"))))
    return "must be a URL such as postgres://user:password@host:5432/database, with the password percent-encoded"
  const options = new URLSearchParams(url.replace(/^[^?]*\??/, ""))
  const [mode, root] = [options.get("sslmode"), options.get("sslrootcert")]
  const unknown = [...options.keys()].find((name) => name.startsWith("ssl") && !SSL_OPTIONS.includes(name))
  if (unknown !== undefined) return `has the unknown option ${unknown}; for TLS there are ${SSL_OPTIONS.join(", ")}`
  if (mode !== null && !SSL_MODES.includes(mode)) return `must have a sslmode of ${SSL_MODES.join(", ")}`
  if (mode === "verify-ca" && root === null)
    return "must name the certificate authority in sslrootcert for sslmode=verify-ca; without one use verify-full"
  if (root === "system" && mode !== "verify-full") return "must have sslmode=verify-full for sslrootcert=system"
  const attrs = options.get("target_session_attrs")
  if (attrs !== null && !SESSION_ATTRS.includes(attrs))
    return `must have a target_session_attrs of ${SESSION_ATTRS.join(", ")}: Onehook writes`
  return undefined
}

export interface PostgresHosts {
  /** How to connect to each host, in the order of the URL. */
  hosts: pg.ClientConfig[]
  /** Must a connection take writes to be used? As with libpq's `target_session_attrs`, where there is a choice. */
  writable: boolean
}

/**
 * TLS as libpq means it: https://www.postgresql.org/docs/current/libpq-ssl.html
 *
 * @throws NodeJS.ErrnoException if a certificate file cannot be read
 */
export function postgresHosts(url: string): PostgresHosts {
  // Node trusts the public authorities where none is named. The libpq mode is always on, and refuses to be told so.
  const urls = urlsByHost(url.replaceAll(/(?<=[?&])(?:sslrootcert=system|uselibpqcompat=\w*)(?=&|$)/g, ""))
  return {
    hosts: urls.map((one) => toClientConfig(parse(one, { useLibpqCompat: true }))),
    writable: urls.length > 1 && !/[?&]target_session_attrs=any(&|$)/.test(url),
  }
}
