/** Timers take no more. */
const LONGEST_MS = 2 ** 31 - 1

/** One timer, started for the earliest of the times that it was asked for. */
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
      const asked = performance.now() + delayMs
      if (asked >= atMs) return
      clearTimeout(timer)
      atMs = asked
      timer = setTimeout(
        () => {
          atMs = Number.POSITIVE_INFINITY
          onDue()
        },
        Math.min(Math.ceil(delayMs), LONGEST_MS),
      )
    },
  }
}
