export interface ServerSentEvent {
  /** The position after the event. */
  id: string
  /** Empty for an entry that only advances the position. */
  data: string
}

/**
 * Parses a `text/event-stream` as it arrives. Only the fields `id` and `data` are read.
 *
 * - source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* serverSentEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  let rest = ""
  let id = ""
  let data: string[] = []
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) {
      if (line === "") {
        if (id !== "") yield { id, data: data.join("\n") }
        data = []
      } else if (line.startsWith("id: ")) id = line.slice(4)
      else if (line.startsWith("data: ")) data.push(line.slice(6))
    }
  }
}
