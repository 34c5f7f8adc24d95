import { startLoop } from "../scheduling/loop.ts"

interface ReplayDeps {
  /** Takes one replay a batch further. */
  step(): Promise<"none" | "later" | { endpointId: string; made: number }>
  wake(endpointIds: Iterable<string>): void
  onError(error: unknown): void
  /** How often replays are looked for while there are none. */
  everyMs: number
}

const LATER_MS = 100

/** Works on the replays that are running, and wakes the endpoints that they made deliveries for. */
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
