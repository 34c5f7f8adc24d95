/** How to reach Redis or Valkey: one server, the nodes of a cluster, or the sentinels that know the server. */
export interface RedisLocation {
  kind: "single" | "cluster" | "sentinel"
  nodes: { host: string; port: number }[]
  sentinelName?: string
  /** The login for the sentinels; the one for the server is separate. */
  sentinelUsername?: string
  sentinelPassword?: string
  username?: string
  password?: string
  db?: number
  tls: boolean
}

const SHAPE = /^(rediss?):\/\/(?:([^:@/]*)(?::([^@]*))?@)?([^/?]+)(?:\/(\d+)?)?(?:\?(.*))?$/
const OPTIONS = ["cluster", "sentinel", "sentinelUsername", "sentinelPassword"]
const DEFAULT_PORT = { redis: 6379, sentinel: 26_379 }

/**
 * `redis://[user:password@]host[:port][,host…][/db][?cluster|?sentinel=name[&sentinelPassword=…]]`, `rediss://` for
 * TLS. Several hosts without `?sentinel` are a cluster.
 *
 * @throws Error that says what is wrong without the URL, which may contain a password
 */
export function redisLocation(text: string): RedisLocation {
  const match = SHAPE.exec(text)
  if (!match) throw new Error("must be redis://host:port or rediss://host:port")
  const [, scheme, username, password, hosts = "", db, query = ""] = match
  const options = new URLSearchParams(query)
  const unknown = [...options.keys()].filter((key) => !OPTIONS.includes(key))
  // Then what looks like a host or an option is part of the password, and a message must not contain it.
  if (hosts.includes("@") || (unknown.length > 0 && query.includes("@")))
    throw new Error("has an @ in its user or password; write it as %40")
  if (unknown.length > 0) throw new Error(`has the unknown option ${unknown[0]}; allowed are ${OPTIONS.join(", ")}`)
  const sentinelName = options.get("sentinel")
  if (sentinelName === "") throw new Error("needs the name of the master after sentinel=")
  const [sentinelUsername, sentinelPassword] = [options.get("sentinelUsername"), options.get("sentinelPassword")]
  if (!sentinelName && (sentinelUsername || sentinelPassword))
    throw new Error("has a login for sentinels, but no sentinel=name")
  if (sentinelName && options.has("cluster")) throw new Error("can be either a cluster or behind sentinels, not both")
  const kind = sentinelName ? "sentinel" : options.has("cluster") || hosts.includes(",") ? "cluster" : "single"
  if (kind === "cluster" && db !== undefined && db !== "0") throw new Error("a cluster has only database 0")
  const defaultPort = kind === "sentinel" ? DEFAULT_PORT.sentinel : DEFAULT_PORT.redis
  return {
    kind,
    nodes: hosts.split(",").map((host) => toNode(host, defaultPort)),
    tls: scheme === "rediss",
    ...(sentinelName ? { sentinelName } : {}),
    ...(sentinelUsername ? { sentinelUsername } : {}),
    ...(sentinelPassword ? { sentinelPassword } : {}),
    ...(username ? { username: decoded(username) } : {}),
    ...(password ? { password: decoded(password) } : {}),
    ...(db === undefined ? {} : { db: Number(db) }),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error("has a % in its user or password that encodes nothing; write it as %25")
  }
}

function toNode(text: string, defaultPort: number) {
  const [, host = "", port] = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d+))?$/.exec(text) ?? []
  const number = port === undefined ? defaultPort : Number(port)
  if (host === "" || number < 1 || number > 65_535) throw new Error("has a host that is not host or host:port")
  return { host: host.replace(/^\[|\]$/g, ""), port: number }
}
