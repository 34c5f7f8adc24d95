/** Timers take no more. */
const LONGEST_MS = 2 ** 31 - 1

/** One alarm, set to the earliest of the times that it was asked for. */
export function createAlarm(ring: () => void) {
  let timer: NodeJS.Timeout | undefined
  let atMs = Number.POSITIVE_INFINITY

  function clear() {
    clearTimeout(timer)
    atMs = Number.POSITIVE_INFINITY
  }

  return {
    clear,
    setIn(delayMs: number) {
      const asked = performance.now() + delayMs
      if (asked >= atMs) return
      clearTimeout(timer)
      atMs = asked
      timer = setTimeout(
        () => {
          atMs = Number.POSITIVE_INFINITY
          ring()
        },
        Math.min(Math.ceil(delayMs), LONGEST_MS),
      )
    },
  }
}
