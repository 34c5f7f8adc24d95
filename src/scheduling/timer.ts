/** The longest delay that `setTimeout` accepts. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** One timer for several requests: it fires at the earliest time that was requested. */
export function createTimer(onDue: () => void) {
  let timer: NodeJS.Timeout | undefined
  let atMs = Number.POSITIVE_INFINITY

  function clear() {
    clearTimeout(timer)
    atMs = Number.POSITIVE_INFINITY
  }

  return {
    clear,
    startIn(delayMs: number) {
      const requestedMs = performance.now() + delayMs
      if (requestedMs >= atMs) return
      clearTimeout(timer)
      atMs = requestedMs
      timer = setTimeout(
        () => {
          atMs = Number.POSITIVE_INFINITY
          onDue()
        },
        Math.min(Math.ceil(delayMs), MAX_DELAY_MS),
      )
    },
  }
}
