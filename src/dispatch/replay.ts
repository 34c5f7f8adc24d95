import { startLoop } from "../scheduling/loop.ts"

interface ReplayDeps {
  /** Creates the next batch of deliveries of one replay; `later` if none can continue now. */
  step(): Promise<"none" | "later" | { endpointId: string; made: number }>
  wake(endpointIds: Iterable<string>): void
  onError(error: unknown): void
  /** How often to check for replays while none is running. */
  everyMs: number
}

const LATER_MS = 100

/** Works through the running replays and wakes the endpoints for which they created deliveries. */
export function startReplays({ step, wake, onError, everyMs }: ReplayDeps) {
  let stopped = false

  async function run(): Promise<void> {
    while (!stopped) {
      const done = await step()
      if (done === "none") return
      if (done === "later") await new Promise((resolve) => setTimeout(resolve, LATER_MS))
      else if (done.made > 0) wake([done.endpointId])
    }
  }

  const loop = startLoop(run, everyMs, onError)
  return {
    stop() {
      stopped = true
      return loop.stop()
    },
  }
}
