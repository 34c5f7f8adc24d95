/** One way to run Onehook: which stores, which processes. */
export interface Size {
  name: "postgres_redis" | "embedded"
  /** Opens a fresh instance, set up through the API. It accepts, but does not deliver before `deliver`. */
  open(): Promise<Running>
}

export interface Running {
  port: number
  /** The secrets of the endpoints, in the order of the world's. */
  secrets: string[]
  deliver(): Promise<void>
  /** Onehook's own processes by role, and their servers. */
  processes(): { onehook: Record<string, number>; servers: Record<string, number> }
  /** What the store holds, for people. */
  describeStore(): Promise<string[]>
  close(): Promise<void>
}
