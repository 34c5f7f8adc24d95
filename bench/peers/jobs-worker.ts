import { Worker } from "bullmq"
import { Redis } from "ioredis"
import type { World } from "../load/world.ts"
import { serveCommands } from "../support/tool.ts"
import { createPost } from "./post.ts"
import type { Forward } from "./router.ts"

/** The fastest of 64, 128 and 256; a second worker process is no faster on two cores. */
const CONCURRENCY = 128

/** Peer (c), the process that sends. */
const commands = {
  async start(world: World, redisUrl: string): Promise<void> {
    const connection = new Redis(redisUrl, { maxRetriesPerRequest: null })
    const post = createPost(world)
    const worker = new Worker<Forward>("deliveries", (job) => post(job.data), { connection, concurrency: CONCURRENCY })
    worker.on("error", (error) => console.error(`jobs-worker: ${error.message}`))
    await worker.waitUntilReady()
  },
}

export type JobsWorkerCommands = typeof commands
serveCommands(commands)
