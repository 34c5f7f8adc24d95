import type { World } from "../load/world.ts"
import { serveCommands } from "../support/tool.ts"
import { createPost } from "./post.ts"
import { createRouter } from "./router.ts"
import { startWebhookServer } from "./webhook-server.ts"

/** Peer (b): no store and no queue. It responds to Meta after every endpoint has responded. */
const commands = {
  start(world: World): Promise<number> {
    const route = createRouter(world)
    const post = createPost(world)
    return startWebhookServer(world.appSecret, async (platform, body) => {
      await Promise.all(route(platform, body).map(post))
    })
  },
}

export type DirectCommands = typeof commands
serveCommands(commands)
