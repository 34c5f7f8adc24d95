import { announce } from "./announce.ts"
import type { Context } from "./context.ts"
import { startDispatching } from "./dispatching.ts"
import { startHttp } from "./serving.ts"
import { watchBacklog } from "./watching.ts"

export { openContext } from "./context.ts"

/** What a process does by its role, from here until the context is closed. */
export async function run(context: Context): Promise<void> {
  try {
    if (context.config.role === "gateway") watchBacklog(context)
    else await startDispatching(context)
    const { url } = await startHttp(context)
    announce(context, url)
  } catch (error) {
    await context.close()
    throw error
  }
}
