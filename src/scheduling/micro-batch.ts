/**
 * Who waits for it goes on together with all others of this turn of the event loop, in the order they came, once the
 * turn has read what lay ready (ADR 0019). It costs no time where there is nothing else to read.
 */
export function createMicroBatch(): () => Promise<void> {
  let gathering: Promise<void> | undefined

  return () => {
    gathering ??= new Promise((resolve) => {
      setImmediate(() => {
        gathering = undefined
        resolve()
      })
    })
    return gathering
  }
}

const done = Promise.resolve()

/** Between two steps of those in a burst: all have done the one before the first begins the next (ADR 0019). */
export const nextStep = (): Promise<void> => done
