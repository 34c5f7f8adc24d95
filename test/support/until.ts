import { setTimeout as delay } from "node:timers/promises"

/** Waits until the condition returns a truthy value. The deadline only ends a test that would otherwise hang. */
export async function until<T>(
  condition: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  what: string,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`timed out after ${withinMs / 1000} s waiting for ${what}`)
    await delay(15)
  }
}
