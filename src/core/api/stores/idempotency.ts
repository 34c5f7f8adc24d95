export interface IdempotencyClaim {
  /** The customer, or "operator". */
  owner: string
  key: string
  /** A hash of the request: using the key for another request is a mistake. */
  fingerprint: string
}

export interface StoredAnswer {
  status: number
  /** JSON; "" if the answer has no body. */
  text: string
}

/**
 * - `first`: the caller runs the request, and then calls `finish` or `release`
 * - `done`: the request was answered before
 * - `running`: the request is being run
 * - `other`: the key was used for another request
 */
type IdempotencyState =
  | { kind: "first" }
  | { kind: "done"; answer: StoredAnswer }
  | { kind: "running" }
  | { kind: "other" }

export interface IdempotencyStore {
  begin(claim: IdempotencyClaim): Promise<IdempotencyState>
  /** Stores the first answer. Without effect if another request has taken over the key meanwhile. */
  finish(claim: IdempotencyClaim, answer: StoredAnswer): Promise<void>
  /** After a failure, so that a corrected request may use the key. */
  release(claim: IdempotencyClaim): Promise<void>
}
