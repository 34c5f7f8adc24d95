import { Transform, type TransformCallback } from "node:stream"
import type { FastifyReply, FastifyRequest, RequestPayload } from "fastify"
import { AppError } from "../../core/api/problem.ts"
import { clientAddress } from "../auth/client-address.ts"

/** Bodies up to this size are always admitted; nearly all webhooks are smaller. */
const SMALL_BYTES = 65_536
/** Limit for all larger bodies in flight, from the arrival of their bytes to the response. */
const TOTAL_BYTES = 128 * 1024 * 1024
/** Limit for those of one address, so that one sender cannot use up the room of all. */
const ADDRESS_BYTES = TOTAL_BYTES / 4

/**
 * Bounds the memory used by large bodies, whoever sends them: the signature can be checked only after a body is read.
 * Only bytes that have arrived count, so announcing a body costs the others nothing.
 *
 * @param limit the maximum length of a body in bytes; longer ones are rejected elsewhere
 * @param onRefused called for each body that exceeds a limit
 * @returns a function from payload to the stream to read instead; the stream fails with AppError overloaded at the
 * limit
 */
export function createLargeBodyLimit(limit: number, onRefused: (request: FastifyRequest) => void) {
  let held = 0
  const heldByAddress = new Map<string, number>()

  function change(address: string, bytes: number): void {
    held += bytes
    const now = (heldByAddress.get(address) ?? 0) + bytes
    if (now === 0) heldByAddress.delete(address)
    else heldByAddress.set(address, now)
  }

  const hasRoom = (address: string, bytes: number) =>
    held + bytes <= TOTAL_BYTES && (heldByAddress.get(address) ?? 0) + bytes <= ADDRESS_BYTES

  return function admit(request: FastifyRequest, reply: FastifyReply, payload: RequestPayload): RequestPayload {
    const announced = Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY)
    if (announced <= SMALL_BYTES) return payload
    const address = clientAddress(request.ip)
    let length = 0
    let holds = 0
    let isDropped = false
    const drop = () => {
      isDropped = true
      change(address, -holds)
      holds = 0
    }
    // What was buffered when the connection ended would never be released.
    reply.raw.once("close", drop)
    return payload.pipe(
      new Transform({
        transform(chunk: Buffer, _encoding, done: TransformCallback) {
          length += chunk.length
          if (length > limit) return done(isDropped ? overloaded() : null, chunk)
          if (isDropped) return done()
          const more = length > SMALL_BYTES ? length - holds : 0
          if (hasRoom(address, more)) {
            holds += more
            change(address, more)
            return done(null, chunk)
          }
          onRefused(request)
          drop()
          done()
        },
        // Only at the end: a sender that is still writing would see a reset instead of the response.
        flush: (done) => done(isDropped ? overloaded() : null),
      }),
    )
  }
}

function overloaded(): AppError {
  const detail = "Too many large request bodies are in flight; send this one again."
  return new AppError("overloaded", detail, { headers: { "retry-after": "2" } })
}
