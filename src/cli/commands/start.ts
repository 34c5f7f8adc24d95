import type { Command } from "commander"
import type { Io } from "../io.ts"

export function registerStart(program: Command, { env }: Io) {
  program
    .command("start")
    .description("run the gateway, like npm start; configured by environment variables")
    .action(async () => {
      // Imported only here: the other commands need neither a store nor a queue.
      const { start } = await import("../../main.ts")
      await start(env)
    })
}
