import { createHash } from "node:crypto"
import type { FastifyRequest } from "fastify"
import { AppError } from "../../core/api/problem.ts"
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from "../../core/api/stores/idempotency.ts"
import type { Caller } from "../auth/auth.ts"

const KEY = /^[\x21-\x7e]{1,255}$/

/**
 * Runs a write once per `Idempotency-Key` and replays the first response to repetitions for 24 hours. Only successful
 * responses are stored: a rejected request changed nothing, so its key can be used again for the corrected request.
 *
 * @param input the validated body, part of the request's fingerprint
 * @throws AppError bad_request, idempotency_conflict or idempotency_in_progress
 */
export async function runOnce(
  store: IdempotencyStore,
  { request, caller, input }: { request: FastifyRequest; caller: Caller; input: unknown },
  run: () => Promise<StoredAnswer>,
): Promise<StoredAnswer & { replayed: boolean }> {
  const key = request.headers["idempotency-key"]
  if (key === undefined) return { ...(await run()), replayed: false }
  if (typeof key !== "string" || !KEY.test(key)) {
    throw new AppError("bad_request", "Idempotency-Key must be 1 to 255 visible ASCII characters.")
  }
  const claim: IdempotencyClaim = {
    owner: caller.customerId ?? "operator",
    key,
    fingerprint: fingerprint(request, caller, input),
  }
  const state = await store.begin(claim)
  switch (state.kind) {
    case "done":
      return { ...state.answer, replayed: true }
    case "other":
      throw new AppError("idempotency_conflict", "This Idempotency-Key was already used for a different request.")
    case "running":
      throw new AppError("idempotency_in_progress", "Try again when the first request has finished.", {
        headers: { "retry-after": "1" },
      })
    case "first":
      return { ...(await runFirst(store, claim, run)), replayed: false }
  }
}

async function runFirst(
  store: IdempotencyStore,
  claim: IdempotencyClaim,
  run: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  let response: StoredAnswer
  try {
    response = await run()
  } catch (error) {
    await store.release(claim).catch(() => {})
    throw error
  }
  await store.finish(claim, response)
  return response
}

/** Includes the caller's key: a response may hold a secret that another key may not see. */
function fingerprint(request: FastifyRequest, caller: Caller, input: unknown): string {
  const text = JSON.stringify([request.method, request.url, caller.keyId, input])
  return createHash("sha256").update(text).digest("base64url")
}
