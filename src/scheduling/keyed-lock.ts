/** Work on the same key goes one after the other, first come, first served. While no key is held, it costs nothing. */
export function createKeyedLock() {
  const held = new Map<string, Promise<unknown>>()

  return {
    /**
     * Settles when one of the keys that are held is given back; undefined when none is. To be asked again after every
     * wait, and held in the same turn: who waited along may have been first.
     */
    contended(keysOf: () => readonly string[]): Promise<unknown> | undefined {
      if (held.size === 0) return undefined
      const key = keysOf().find((one) => held.has(one))
      return key === undefined ? undefined : held.get(key)
    },

    /** Holds the keys, none of which may be held, until the work is done. */
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
