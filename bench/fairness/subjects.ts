import { join } from "node:path"
import type { World } from "../load/world.ts"
import { createApi, setUp } from "../onehook/api.ts"
import { createCredentials, startOnehook } from "../onehook/process.ts"
import type { JobsCommands } from "../peers/jobs.ts"
import type { JobsWorkerCommands } from "../peers/jobs-worker.ts"
import { createDatabase, dropDatabase, type PostgresServer } from "../support/postgres.ts"
import type { Closers } from "../support/processes.ts"
import { command, type RedisServer } from "../support/redis.ts"
import { startTool } from "../support/tool.ts"

/** The maximum rate of a replay. */
const REPLAY_PER_SECOND = 500

/** The system under test: it accepts webhooks from the start and delivers after `deliver`. */
export interface Subject {
  port: number
  deliver(): Promise<void>
  /** Replays all events of an endpoint, given by its number. */
  replay?(endpoint: number): Promise<void>
  /** Its processes by name. */
  pids(): Record<string, number>
  close(): Promise<void>
}

export interface Servers {
  postgres: PostgresServer
  redis: RedisServer
  folder: string
  closers: Closers
}

/** A gateway and a dispatcher on Postgres and Redis, as an operator starts them. */
export async function openOnehook({ postgres, redis, folder, closers }: Servers, world: World): Promise<Subject> {
  await command(redis.url, "flushall")
  const name = "onehook_fairness"
  const database = await createDatabase(postgres.url, name)
  const credentials = createCredentials(world)
  const start = (role: "gateway" | "dispatcher") => {
    const env = { ...credentials, DATABASE_URL: database, REDIS_URL: redis.url, ROLE: role }
    return startOnehook({ name: role, folder: join(folder, role), env }, closers)
  }
  const gateway = await start("gateway")
  const api = createApi(gateway.port, credentials.ADMIN_KEY)
  const made = await setUp(api, world)
  let dispatcher: Awaited<ReturnType<typeof start>> | undefined
  return {
    port: gateway.port,
    async deliver() {
      dispatcher = await start("dispatcher")
    },
    async replay(number) {
      const endpoint = made.endpoints[number]
      const everything = { after: new Date(0).toISOString(), rate: REPLAY_PER_SECOND }
      await api(`/endpoints/${endpoint?.id}/replays`, everything, endpoint?.customerId)
    },
    pids: () => ({ gateway: gateway.pid, ...(dispatcher && { dispatcher: dispatcher.pid }) }),
    async close() {
      await Promise.all([gateway.stop(), dispatcher?.stop()])
      await dropDatabase(postgres.url, name)
    },
  }
}

/** The peer: one FIFO queue with a BullMQ job per delivery, and one worker. */
export async function openJobs({ redis }: Servers, world: World): Promise<Subject> {
  await command(redis.url, "flushall")
  const web = startTool<JobsCommands>(new URL("../peers/jobs.ts", import.meta.url))
  const worker = startTool<JobsWorkerCommands>(new URL("../peers/jobs-worker.ts", import.meta.url))
  return {
    port: await web.call("start", world, redis.url),
    deliver: () => worker.call("start", world, redis.url),
    pids: () => ({ web: web.pid, worker: worker.pid }),
    async close() {
      await Promise.all([web.stop(), worker.stop()])
    },
  }
}
