import { flushCompileCache } from "node:module"
import { readConfig } from "./app/config/config.ts"
import type { Context } from "./app/context.ts"
import { errorText } from "./core/errors/error-text.ts"

/** Longer than the longest request in flight (20 s) and its record, shorter than a supervisor's usual 30 s. */
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
      context?.logger.error("shutdown timed out; requests in flight will be sent again")
      process.exit(1)
    }, STOP_WITHIN_MS)
    late.unref()
    // Nothing is in flight before the context is open. The embedded store is finished first, so that it is not left
    // half-made.
    if (!context && config.store.kind === "postgres") process.exit(0)
    const opened = await opening.catch(() => undefined)
    if (!opened) return
    opened.logger.info({ signal }, "stopping: waiting for requests in flight")
    await opened.close()
    opened.logger.info("stopped")
    // A client that is still reconnecting must not keep the process alive.
    process.exit(0)
  }
  // Registered before anything is loaded: process 1 of a container ignores a signal that it does not handle.
  process.on("SIGTERM", stop)
  process.on("SIGINT", stop)
  // Node would print every property of the error: a row of the database, the password of Redis.
  process.on("uncaughtException", (error) => {
    if (context) context.logger.fatal({ err: error }, "unexpected error; requests in flight will be sent again")
    else tell(error)
    process.exit(1)
  })
  const loading = import("./app/run.ts")
  const opening = loading.then(({ openContext }) => openContext(config))
  context = await opening
  if (!stopping) await (await loading).run(context)
  // Otherwise it would be written when the process ends, and a killed process would write nothing.
  flushCompileCache()
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
