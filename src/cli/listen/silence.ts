/** Three signs of life. */
const SILENT_MS = 45_000

/** Aborts a connection on which nothing comes any more, so that it can be made again. */
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
