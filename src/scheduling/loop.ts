/**
 * Runs `work` again `everyMs` after its last run ended. An error is reported and does not end the loop.
 *
 * @param firstAfterMs when the first run starts
 */
export function startLoop(
  work: () => Promise<void>,
  everyMs: number,
  onError: (error: unknown) => void,
  firstAfterMs = everyMs,
) {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const schedule = (afterMs: number) => {
    if (!stopped) timer = setTimeout(run, afterMs)
  }
  const run = () => {
    running = work()
      .catch(onError)
      .finally(() => schedule(everyMs))
  }
  schedule(firstAfterMs)
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
