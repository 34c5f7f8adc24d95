/**
 * Returns a function to wait for the other work of this event-loop turn. All that wait continue together, in order of
 * arrival, after the turn has read what was ready on its sockets (ADR 0019). If nothing else is ready, it adds no
 * delay.
 */
export function createMicroBatch(): () => Promise<void> {
  let batch: Promise<void> | undefined

  return () => {
    batch ??= new Promise((resolve) => {
      setImmediate(() => {
        batch = undefined
        resolve()
      })
    })
    return batch
  }
}

const done = Promise.resolve()

/** Await it between two steps: all work of a micro-batch finishes one step before any starts the next (ADR 0019). */
export const nextStep = (): Promise<void> => done
