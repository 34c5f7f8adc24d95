/** Runs work on the same key one at a time, in order of arrival. It costs nothing while no key is held. */
export function createKeyedLock() {
  const held = new Map<string, Promise<unknown>>()

  return {
    /**
     * A promise that settles when a held key among these is released; undefined if none is held. After each wait check
     * again, and call `withLock` in the same event-loop turn: another waiter may have been first.
     */
    contended(keysOf: () => readonly string[]): Promise<unknown> | undefined {
      if (held.size === 0) return undefined
      const key = keysOf().find((one) => held.has(one))
      return key === undefined ? undefined : held.get(key)
    },

    /** Holds the keys until the work is done. None of them may be held already. */
    async withLock(keys: readonly string[], work: () => Promise<void>): Promise<void> {
      const done = Promise.withResolvers<void>()
      for (const key of keys) held.set(key, done.promise)
      try {
        await work()
      } finally {
        for (const key of keys) held.delete(key)
        done.resolve()
      }
    },
  }
}
