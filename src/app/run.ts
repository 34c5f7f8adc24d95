import { measureBacklog } from "./backlog.ts"
import type { Context } from "./context.ts"
import { startDispatcher } from "./dispatcher.ts"
import { startHttp } from "./http.ts"
import { announce } from "./welcome.ts"

export { openContext } from "./context.ts"

/** What a process does by its role, from here until the context is closed. */
export async function run(context: Context): Promise<void> {
  try {
    const dispatcher = context.config.role === "gateway" ? undefined : await startDispatcher(context)
    if (!dispatcher) measureBacklog(context)
    const { url } = await startHttp(context, dispatcher)
    announce(context, url)
  } catch (error) {
    await context.close()
    throw error
  }
}
