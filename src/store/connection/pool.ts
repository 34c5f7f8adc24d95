/** A statement with a name is prepared once per connection; the text belongs to the name for ever. */
export interface Statement {
  name: string
  text: string
  values?: unknown[]
}

export interface Rows<R> {
  rows: R[]
  rowCount: number | null
}

export interface Queryable {
  query<R = Record<string, unknown>>(statement: string | Statement, values?: unknown[]): Promise<Rows<R>>
}

export interface Transactional extends Queryable {
  /** Where it conflicts with another one, `work` is done anew: until it has returned, it changes nothing but the store. */
  transaction<T>(work: (connection: Queryable) => Promise<T>): Promise<T>
}

interface Subscription {
  close(): Promise<void>
}

/** The store as everything above it sees it: real Postgres, or Postgres inside the process. */
export interface Pool extends Transactional {
  /** For what may take minutes: no statement of it has a deadline. */
  longTransaction: Transactional["transaction"]
  /**
   * For what may be done twice: claims, results, leases. It does not wait for the disk; a power cut costs the last
   * moments of it, and the deliveries concerned are sent again.
   */
  relaxed: Queryable
  /** For webhooks: looks up by key only, as `relaxed` does, and waits for the disk. */
  commits: Transactional
  /** `onPayload` for each NOTIFY; `onConnect` at first and after every lost connection, when messages may be missing. */
  listen(channel: string, onPayload: (payload: string) => void, onConnect: () => void): Promise<Subscription>
  /** What BullMQ's Postgres backend takes: a `pg.Pool` of its own, or the same shape over PGlite. */
  queuePool(): Promise<unknown>
  /** True where the engine is part of this process, and nothing vacuums or fsyncs but us. */
  embedded: boolean
  close(): Promise<void>
}
