/** One way to run Onehook: its stores and processes. */
export interface Size {
  name: "postgres_redis" | "embedded"
  /** Opens a fresh instance, set up through the API. It accepts webhooks, but delivers only after `deliver`. */
  open(): Promise<Running>
}

export interface Running {
  port: number
  /** The secrets of the endpoints, in the order of `world.endpoints`. */
  secrets: string[]
  deliver(): Promise<void>
  /** Onehook's own processes by role, and their servers. */
  processes(): { onehook: Record<string, number>; servers: Record<string, number> }
  /** A description of what the store holds, one line each. */
  describeStore(): Promise<string[]>
  close(): Promise<void>
}
