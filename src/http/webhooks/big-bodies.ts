import { Transform, type TransformCallback } from "node:stream"
import type { FastifyReply, FastifyRequest, RequestPayload } from "fastify"
import { AppError } from "../../core/api/problem.ts"

/** What is not longer always comes in, and that is nearly every webhook. */
const SMALL_BYTES = 65_536
/** Of longer ones together, from their head until they are answered. Each is held about three times in the meantime. */
const MOST_BYTES = 128 * 1024 * 1024

/**
 * Bounds the memory that big bodies take, whoever sends them: the signature is checked when they are there.
 *
 * @param limit no body may be longer; who sends more is refused elsewhere
 * @param onRefused told of each body that there is no room for
 * @returns what is to be read in place of the payload; throws AppError overloaded where there is no room
 */
export function createBigBodies(limit: number, onRefused: (request: FastifyRequest) => void) {
  let held = 0

  function hold(bytes: number, request: FastifyRequest, reply: FastifyReply): void {
    if (held + bytes > MOST_BYTES) {
      onRefused(request)
      const headers = { "retry-after": "2" }
      throw new AppError("overloaded", "Too many big bodies are under way; send this one again.", { headers })
    }
    held += bytes
    reply.raw.once("close", () => {
      held -= bytes
    })
  }

  /** Its length is not told, so what is longer than small counts as the longest. */
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
    const told = request.headers["content-length"]
    if (told === undefined) return payload.pipe(counting(request, reply))
    const length = Number(told)
    if (length > SMALL_BYTES && length <= limit) hold(length, request, reply)
    return payload
  }
}
