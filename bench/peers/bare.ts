import type { World } from "../load/world.ts"
import { serveCommands } from "../support/tool.ts"
import { startWebhookServer } from "./webhook-server.ts"

/** Peer (a): verifies, parses, and answers. What Fastify can take at most. */
const commands = {
  start: (world: World): Promise<number> => startWebhookServer(world.appSecret, async () => {}),
}

export type BareCommands = typeof commands
serveCommands(commands)
