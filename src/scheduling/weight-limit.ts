/**
 * Runs work in order of arrival, as much at a time as together weighs at most `most`. Heavier work runs alone.
 *
 * @returns a function that runs one piece of work when its turn comes, and resolves or rejects as it does
 */
export function createWeightLimit(most: number) {
  const waiting: { weight: number; start(): void }[] = []
  let running = 0

  function startNext(): void {
    for (let next = waiting[0]; next && (running === 0 || running + next.weight <= most); next = waiting[0]) {
      waiting.shift()
      running += next.weight
      next.start()
    }
  }

  return async function withinLimit<T>(weight: number, work: () => Promise<T>): Promise<T> {
    const { promise: turn, resolve: start } = Promise.withResolvers<void>()
    waiting.push({ weight, start })
    startNext()
    await turn
    try {
      return await work()
    } finally {
      running -= weight
      startNext()
    }
  }
}
