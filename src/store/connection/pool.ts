/** A named statement is prepared once per connection, so a name must always have the same text. */
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
  /** After a conflict with another transaction, `work` runs again, so it must change nothing but the store. */
  transaction<T>(work: (connection: Queryable) => Promise<T>): Promise<T>
}

interface Subscription {
  close(): Promise<void>
}

/** What is done with a connection that is kept open and replaced when it is lost. */
export interface Session {
  /** Prepares each new connection. If it fails, the connection is replaced. */
  onConnect(connection: Queryable): Promise<void>
  /** Runs this often while connected. If it fails or its answer is late, the connection is replaced. */
  check(connection: Queryable): Promise<unknown>
  checkEveryMs: number
  /** A NOTIFY on a channel that `onConnect` listens on. */
  onPayload(payload: string): void
  onLost(): void
  onError(error: Error): void
}

/** The store: a Postgres server, or Postgres inside the process. */
export interface Pool extends Transactional {
  /** @throws StoreFault if the server cannot be reached, or Onehook cannot run on it */
  check(): Promise<void>
  /** For work that may take minutes: its statements have no deadline. */
  longTransaction: Transactional["transaction"]
  /**
   * For work that may be repeated: claims, results, leases. Looks up by key only, and does not wait for the disk. After
   * a power cut the last writes are lost, and their deliveries are sent again.
   */
  relaxed: Queryable
  /** For webhooks: looks up by key only, like `relaxed`, and waits for the disk. */
  commits: Transactional
  /**
   * Calls `onPayload` for each NOTIFY, and `onConnect` at first and after each reconnect: messages may have been lost.
   */
  listen(channel: string, onPayload: (payload: string) => void, onConnect: () => void): Promise<Subscription>
  /** Keeps a connection open. With the embedded engine, which has only one, it is never lost and never checked. */
  keepSession(session: Session): Promise<Subscription>
  /** For BullMQ's Postgres backend: a separate `pg.Pool`, or the same interface over PGlite. */
  queuePool(): Promise<unknown>
  /** True if the engine is part of this process; then nothing else vacuums or fsyncs. */
  embedded: boolean
  close(): Promise<void>
}
