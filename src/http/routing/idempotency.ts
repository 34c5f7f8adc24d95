import { createHash } from "node:crypto"
import type { FastifyRequest } from "fastify"
import { AppError } from "../../core/api/problem.ts"
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from "../../core/api/stores/idempotency.ts"
import type { Caller } from "../auth/auth.ts"

const KEY = /^[\x21-\x7e]{1,255}$/

/**
 * Runs a write once for each `Idempotency-Key`, and answers repetitions with the first answer for 24 hours. Only
 * successes are kept: a refused request changed nothing, so its key may be used for the mended one.
 *
 * @param input what was asked for, validated
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
      throw new AppError(
        "idempotency_conflict",
        "This Idempotency-Key was used for a request that differs from this one.",
      )
    case "running":
      throw new AppError("idempotency_in_progress", "Try again when the first request has ended.", {
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
  let answer: StoredAnswer
  try {
    answer = await run()
  } catch (error) {
    await store.release(claim).catch(() => {})
    throw error
  }
  await store.finish(claim, answer)
  return answer
}

/** The key of the caller is part of it: an answer may hold a secret that another key may not see. */
function fingerprint(request: FastifyRequest, caller: Caller, input: unknown): string {
  const text = JSON.stringify([request.method, request.url, caller.keyId, input])
  return createHash("sha256").update(text).digest("base64url")
}
