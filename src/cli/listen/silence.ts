/** Three heartbeat intervals of the stream. */
const SILENT_MS = 45_000

/** Aborts a connection that has gone silent, so that the caller can reconnect. */
export function createSilence(interrupted: AbortSignal) {
  const silent = new AbortController()
  const start = () => setTimeout(() => silent.abort(), SILENT_MS).unref()
  let timer = start()
  async function* watch(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      clearTimeout(timer)
      yield chunk
      timer = start()
    }
  }
  return { signal: AbortSignal.any([silent.signal, interrupted]), watch }
}
