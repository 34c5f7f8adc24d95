import type { SessionClient, SessionConfig } from "./session-client.ts"
import { StoreFault } from "./store-fault.ts"

const OLDEST = 140_000

const FACTS = `
select current_setting('server_version_num')::int as version, pg_encoding_to_char(d.encoding) as encoding,
  current_setting('transaction_read_only') = 'on' as read_only, pg_backend_pid() as pid,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0) as server_limit,
  d.datconnlimit as database_limit, r.rolconnlimit as role_limit, r.rolsuper as super
from pg_database d, pg_roles r
where d.datname = current_database() and r.rolname = current_user`

interface ServerFacts {
  /** As `server_version_num`. */
  version: number
  encoding: string
  read_only: boolean
  server_limit: number
  /** -1 is none. */
  database_limit: number
  role_limit: number
  super: boolean
}

/** Why this process cannot run on the server, if so. @param needed the connections that it opens at most */
function serverFault(facts: ServerFacts, needed: number): StoreFault | undefined {
  const { version, encoding, read_only, super: isSuper } = facts
  const lasting = (text: string) => new StoreFault(text, { heals: false })
  if (version < OLDEST)
    return lasting(`the server has version ${Math.floor(version / 10_000)}: use Postgres 14 or newer`)
  if (encoding !== "UTF8")
    return lasting(`the database has the encoding ${encoding}: create one with encoding 'UTF8' template template0`)
  if (read_only)
    return new StoreFault("the server is read-only: name the primary, or all servers of the cluster as host1,host2", {
      heals: true,
    })
  const limits = [
    { of: "the server", most: facts.server_limit, how: "raise max_connections" },
    ...(isSuper
      ? []
      : [
          { of: "the user", most: facts.role_limit, how: "alter role … connection limit" },
          { of: "the database", most: facts.database_limit, how: "alter database … connection limit" },
        ]),
  ]
  const short = limits.find(({ most }) => most >= 0 && most < needed)
  return short === undefined
    ? undefined
    : lasting(
        `this process opens up to ${needed} connections, and ${short.of} is limited to ${short.most}: ` +
          `raise the limit (${short.how}) or set DATABASE_POOL_SIZE lower`,
      )
}

/** @throws StoreFault if Onehook cannot run on the server, or on the pooler before it */
export async function checkServer(Client: SessionClient, config: SessionConfig, needed: number): Promise<void> {
  const client = new Client(config)
  try {
    await client.connect()
    const { rows } = await client.query<ServerFacts & { pid: number }>(FACTS)
    const [facts] = rows
    if (facts === undefined) return
    // A pooler gives its client a process id of its own.
    const pooled = (client as unknown as { processID: number }).processID !== facts.pid
    if (pooled && (await sharesSessions(Client, config, client))) {
      throw new StoreFault(
        "a pooler in transaction mode is before the server, and Onehook needs sessions of its own (prepared statements, " +
          "LISTEN, settings): use the address of the server, or of a pool in session mode",
        { heals: false },
      )
    }
    const fault = serverFault(facts, needed)
    if (fault) throw fault
  } finally {
    await client.end().catch(() => {})
  }
}

const PROBES = 5

/**
 * Does the pooler give one session of the server to two clients in turn? Two at a time get different ones in session
 * mode.
 */
async function sharesSessions(Client: SessionClient, config: SessionConfig, first: InstanceType<SessionClient>) {
  const second = new Client(config)
  const pidOf = async (client: typeof first) =>
    (await client.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid
  try {
    await second.connect()
    const own = await pidOf(first)
    for (let probe = 0; probe < PROBES; probe++) {
      await second.query("begin")
      if ((await pidOf(second)) === own || (await pidOf(first)) !== own) return true
      await second.query("rollback")
    }
    return false
  } finally {
    await second.end().catch(() => {})
  }
}
