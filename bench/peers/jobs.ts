import { Queue } from "bullmq"
import { Redis } from "ioredis"
import type { World } from "../load/world.ts"
import { serveCommands } from "../support/tool.ts"
import { createRouter, type Forward } from "./router.ts"
import { startWebhookServer } from "./webhook-server.ts"

/** Retried for hours like a delivery of Onehook, and removed from Redis when done. */
const JOB_OPTIONS = {
  attempts: 14,
  backoff: { type: "exponential", delay: 5000 },
  removeOnComplete: true,
  removeOnFail: 1000,
}

/** Peer (c), the web process: one BullMQ job per delivery, added before the response. */
const commands = {
  start(world: World, redisUrl: string): Promise<number> {
    const connection = new Redis(redisUrl, { maxRetriesPerRequest: null })
    const queue = new Queue<Forward>("deliveries", { connection, defaultJobOptions: JOB_OPTIONS })
    const route = createRouter(world)
    return startWebhookServer(world.appSecret, async (platform, body) => {
      const jobs = route(platform, body).map((data) => ({ name: "deliver", data }))
      const [only] = jobs
      if (jobs.length === 1 && only) await queue.add(only.name, only.data)
      else await queue.addBulk(jobs)
    })
  },
}

export type JobsCommands = typeof commands
serveCommands(commands)
