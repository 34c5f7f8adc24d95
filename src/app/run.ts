import { measureBacklog } from "./backlog.ts"
import type { Context } from "./context.ts"
import { startDispatcher } from "./dispatcher.ts"
import { startHttp } from "./http.ts"
import { announce } from "./welcome.ts"

export { openContext } from "./context.ts"

/** What a process does by its role, from here until the context is closed. */
export async function run(context: Context): Promise<void> {
  try {
    if (context.config.role === "gateway") measureBacklog(context)
    else await startDispatcher(context)
    const { url } = await startHttp(context)
    announce(context, url)
  } catch (error) {
    await context.close()
    throw error
  }
}
