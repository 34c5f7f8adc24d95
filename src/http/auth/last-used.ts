const MINUTE_MS = 60_000
const MAX_ENTRIES = 10_000

/**
 * Records when a key was last used: at most once a minute per key, and without delaying the request.
 *
 * @returns `touch`, and `settled`, which resolves when no write is pending
 */
export function createLastUsed(
  write: (keyId: string, atMs: number) => Promise<void>,
  now: () => number,
  onError: (error: unknown) => void,
) {
  const writtenAtMs = new Map<string, number>()
  const pending = new Set<Promise<void>>()

  return {
    touch(keyId: string): void {
      const nowMs = now()
      const last = writtenAtMs.get(keyId)
      if (last !== undefined && nowMs - last < MINUTE_MS) return
      if (writtenAtMs.size >= MAX_ENTRIES) writtenAtMs.clear()
      writtenAtMs.set(keyId, nowMs)
      const job = write(keyId, nowMs)
        .catch(onError)
        .finally(() => pending.delete(job))
      pending.add(job)
    },
    async settled(): Promise<void> {
      await Promise.all(pending)
    },
  }
}
