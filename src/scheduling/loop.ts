/** Runs `work` again `everyMs` after its last run ended. An error is reported and does not end the loop. */
export function startLoop(work: () => Promise<void>, everyMs: number, onError: (error: unknown) => void) {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const schedule = () => {
    if (!stopped) timer = setTimeout(run, everyMs)
  }
  const run = () => {
    running = work().catch(onError).finally(schedule)
  }
  schedule()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
