import type { SessionClient, SessionConfig } from "./session-client.ts"

const RECONNECT_MS = 500

interface Listener {
  channel: string
  onPayload(payload: string): void
  onConnect(): void
  onError(error: Error): void
}

/** Listens on a separate connection, probes it regularly, and reconnects until it is closed. */
export async function listen(
  Client: SessionClient,
  config: SessionConfig,
  checkEveryMs: number,
  { channel, onPayload, onConnect, onError }: Listener,
) {
  let wanted = true
  let client: InstanceType<SessionClient> | undefined
  let timer: NodeJS.Timeout | undefined
  const retry = () => {
    if (wanted) timer = setTimeout(() => void connect().catch(onError), RECONNECT_MS)
  }
  async function connect() {
    const next = new Client(config)
    client = next
    let ended = false
    const lost = () => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      next.end().catch(() => {})
      retry()
    }
    const failed = (error: Error) => {
      if (!ended) onError(error)
      lost()
    }
    const check = () => {
      if (wanted && !ended) timer = setTimeout(() => next.query("select 1").then(check, failed), checkEveryMs)
    }
    next.on("error", failed)
    next.on("end", lost)
    next.on("notification", (message) => onPayload(message.payload ?? ""))
    try {
      await next.connect()
      await next.query(`listen ${channel}`)
    } catch (error) {
      lost()
      throw error
    }
    check()
    onConnect()
  }
  await connect()
  return {
    async close() {
      wanted = false
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
