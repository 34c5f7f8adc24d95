import type { World } from "../load/world.ts"
import { serveCommands } from "../support/tool.ts"
import { startWebhookServer } from "./webhook-server.ts"

/** Peer (a): verifies, parses and responds. The upper limit of what Fastify can accept. */
const commands = {
  start: (world: World): Promise<number> => startWebhookServer(world.appSecret, async () => {}),
}

export type BareCommands = typeof commands
serveCommands(commands)
