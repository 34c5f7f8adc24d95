import type { Queryable, Session } from "./pool.ts"
import type { SessionClient, SessionConfig } from "./session-client.ts"

const RECONNECT_MS = 500

/** Keeps one connection open, checks it regularly, and replaces it when it is lost, until it is closed. */
export async function keepSession(Client: SessionClient, config: SessionConfig, session: Session) {
  let wanted = true
  let client: InstanceType<SessionClient> | undefined
  let timer: NodeJS.Timeout | undefined
  const retry = () => {
    if (wanted) timer = setTimeout(() => void connect().catch(session.onError), RECONNECT_MS)
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
      if (wanted) session.onLost()
      retry()
    }
    const failed = (error: Error) => {
      if (!ended) session.onError(error)
      lost()
    }
    const check = () => {
      if (!wanted || ended) return
      timer = setTimeout(() => session.check(next as Queryable).then(check, failed), session.checkEveryMs)
    }
    next.on("error", failed)
    next.on("end", lost)
    next.on("notification", (message) => session.onPayload(message.payload ?? ""))
    try {
      await next.connect()
      await session.onConnect(next as Queryable)
    } catch (error) {
      lost()
      throw error
    }
    check()
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
