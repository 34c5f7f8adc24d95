import { Transform, type TransformCallback } from "node:stream"
import type { FastifyReply, FastifyRequest, RequestPayload } from "fastify"
import { AppError } from "../../core/api/problem.ts"

/** Bodies up to this size are always admitted; nearly all webhooks are smaller. */
const SMALL_BYTES = 65_536
/** Limit for all larger bodies in flight, from request headers to response. Memory use is about three times as much. */
const TOTAL_BYTES = 128 * 1024 * 1024

/**
 * Bounds the memory used by large bodies, whoever sends them: the signature can be checked only after a body is read.
 *
 * @param limit the maximum length of a body in bytes; longer ones are rejected elsewhere
 * @param onRefused called for each body that exceeds the total
 * @returns a function from payload to the stream to read instead; it throws AppError overloaded at the limit
 */
export function createLargeBodyLimit(limit: number, onRefused: (request: FastifyRequest) => void) {
  let held = 0

  function hold(bytes: number, request: FastifyRequest, reply: FastifyReply): void {
    if (held + bytes > TOTAL_BYTES) {
      onRefused(request)
      const headers = { "retry-after": "2" }
      throw new AppError("overloaded", "Too many large request bodies are in flight; send this one again.", { headers })
    }
    held += bytes
    reply.raw.once("close", () => {
      held -= bytes
    })
  }

  /** Without a Content-Length, a body that exceeds the small size is counted with the maximum length. */
  function counting(request: FastifyRequest, reply: FastifyReply): Transform {
    let length = 0
    return new Transform({
      transform(chunk: Buffer, _encoding, done: TransformCallback) {
        const wasSmall = length <= SMALL_BYTES
        length += chunk.length
        try {
          if (wasSmall && length > SMALL_BYTES) hold(limit, request, reply)
          done(null, chunk)
        } catch (error) {
          done(error as Error)
        }
      },
    })
  }

  return function admit(request: FastifyRequest, reply: FastifyReply, payload: RequestPayload): RequestPayload {
    const contentLength = request.headers["content-length"]
    if (contentLength === undefined) return payload.pipe(counting(request, reply))
    const length = Number(contentLength)
    if (length > SMALL_BYTES && length <= limit) hold(length, request, reply)
    return payload
  }
}
