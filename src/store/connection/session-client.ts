import pg from "pg"
import type { PostgresHosts } from "./postgres-url.ts"

export interface SessionConfig extends pg.ClientConfig {
  /** `name=value` of each setting that the session begins with. */
  settings?: readonly string[]
}

type Connected = (error: Error, client?: pg.Client) => void

/**
 * A client that connects to the host of the URL that accepted the last connection, and after a failure to the next one.
 * Settings are sent as statements: poolers refuse or ignore them as options of the connection.
 */
export function createSessionClient({ hosts, writable }: PostgresHosts) {
  let current = 0

  return class SessionClient extends pg.Client {
    readonly #at = current
    readonly #settings: readonly string[]

    constructor({ settings = [], ...config }: SessionConfig = {}) {
      super({ ...config, ...hosts[current] })
      this.#settings = settings
      // Told to the statement that failed too; before the pool listens, it would end the process.
      this.on("error", () => {})
    }

    override connect(): Promise<pg.Client>
    override connect(callback: Connected): void
    override connect(callback?: Connected): Promise<pg.Client> {
      const opened = this.#open()
      if (callback !== undefined) opened.then((client) => callback(null as never, client), callback)
      return opened
    }

    async #open(): Promise<pg.Client> {
      try {
        await super.connect()
        await this.query(this.#settings.map((setting) => `set ${setting};`).join(""))
        if (writable) await this.#refuseReadOnly()
        return this
      } catch (error) {
        if (current === this.#at) current = (current + 1) % hosts.length
        void this.end().catch(() => {})
        throw error
      }
    }

    async #refuseReadOnly(): Promise<void> {
      const { rows } = await this.query<{ transaction_read_only: string }>("show transaction_read_only")
      if (rows[0]?.transaction_read_only === "off") return
      throw Object.assign(new Error("the server is read-only"), { code: "25006" })
    }
  }
}

export type SessionClient = ReturnType<typeof createSessionClient>
