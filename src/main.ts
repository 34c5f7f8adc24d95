import { readConfig } from "./app/config/config.ts"
import type { Context } from "./app/context.ts"
import { errorText } from "./core/errors/error-text.ts"

/** Long enough for the longest request in flight (20 s) and its record, short enough for an impatient supervisor. */
const STOP_WITHIN_MS = 25_000

/** Runs until SIGTERM or SIGINT, then finishes what is in flight and exits with 0. */
export async function start(env: Record<string, string | undefined>): Promise<void> {
  const config = readConfig(env)
  let context: Context | undefined
  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    const late = setTimeout(() => {
      context?.logger.error("stopping took too long; what was in flight will be sent again")
      process.exit(1)
    }, STOP_WITHIN_MS)
    late.unref()
    // Nothing is in flight yet, and a database that is away may stay so. The embedded store is not left half-made.
    if (!context && config.store.kind === "postgres") process.exit(0)
    const opened = await opening.catch(() => undefined)
    if (!opened) return
    opened.logger.info({ signal }, "stopping: what is in flight is finished first")
    await opened.close()
    opened.logger.info("stopped")
    // A client that still tries to reach a server that is away must not keep the process.
    process.exit(0)
  }
  // Before anything is waited for, half a second of loading included: the first process of a container ignores a signal
  // that it does not handle.
  process.on("SIGTERM", stop)
  process.on("SIGINT", stop)
  // Node would print all that the error carries: of the store's a row, of Redis' the password.
  process.on("uncaughtException", (error) => {
    if (context) context.logger.fatal({ err: error }, "failed unexpectedly; what was in flight will be sent again")
    else tell(error)
    process.exit(1)
  })
  const loading = import("./app/run.ts")
  const opening = loading.then(({ openContext }) => openContext(config))
  context = await opening
  if (!stopping) await (await loading).run(context)
}

function tell(error: unknown): void {
  console.error(`onehook: ${error instanceof Error ? errorText(error).message : error}`)
}

if (import.meta.main) {
  start(process.env).catch((error) => {
    tell(error)
    process.exitCode = 1
  })
}
