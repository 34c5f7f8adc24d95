import { randomUUID } from "node:crypto"
import { createDatabase, dropDatabase, type PostgresServer } from "../../bench/support/postgres.ts"
import { type Closers, createClosers } from "../../bench/support/processes.ts"
import { type RedisServer, startRedis } from "../../bench/support/redis.ts"
import { type Installation, installation } from "../support/installation.ts"
import { startReceiver } from "../support/receiver.ts"

/** The servers of one fault: started on request, closed after the fault. */
export interface Lab {
  postgres: PostgresServer
  closers: Closers
  /** How long a soak lasts. */
  soakSeconds: number
  redis(settings?: Record<string, string>): Promise<RedisServer>
  receiver: typeof startReceiver
  /** An installation on an empty database, with a Redis of its own unless `env` has a REDIS_URL. */
  install(env?: Record<string, string>, postgresUrl?: string): Promise<Installation>
}

/** Runs `work` with a lab, and closes everything afterwards, also on failure. */
export async function withLab<T>(
  given: { postgres: PostgresServer; soakSeconds: number },
  work: (lab: Lab) => Promise<T>,
  outer: Closers,
): Promise<T> {
  const closers = createClosers()
  outer.add(closers.closeAll)
  const kept = async <S>(opened: S, close: () => Promise<unknown>) => {
    closers.add(close)
    return opened
  }
  const lab: Lab = {
    ...given,
    closers,
    async redis(settings) {
      const server = await startRedis(settings)
      return kept(server, server.stop)
    },
    async receiver(answer) {
      const receiver = await startReceiver(answer)
      return kept(receiver, receiver.close)
    },
    async install(env = {}, postgresUrl = given.postgres.url) {
      const name = `fault_${randomUUID().replaceAll("-", "")}`
      const database = await createDatabase(postgresUrl, name)
      const redis = env.REDIS_URL ?? (await lab.redis()).url
      const installed = installation({ DATABASE_URL: database, REDIS_URL: redis, ...env }, () =>
        dropDatabase(postgresUrl, name),
      )
      return kept(installed, installed.remove)
    },
  }
  return work(lab).finally(closers.closeAll)
}
