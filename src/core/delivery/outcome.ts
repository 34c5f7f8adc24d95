/** The result of one HTTP request. The sender throws nothing: every failure becomes one of these. */
export type Outcome =
  /** `retryAfterMs` is set only for 429 and 503. `excerpt`: the first 16 KB of the answer, valid text without NUL. */
  | { kind: "response"; status: number; retryAfterMs: number | null; excerpt: string }
  | { kind: "timeout"; phase: "dns" | "connect" | "first_byte" | "total" }
  /** `code` as Node.js names it: ECONNREFUSED, ENOTFOUND, ERR_TLS_CERT_ALTNAME_INVALID, HPE_… */
  | { kind: "network"; code: string }
  /** The address policy refused the address. `reason` is for the operator; the customer sees a generic text. */
  | { kind: "blocked"; reason: string }
  /** Our own code failed on this delivery. */
  | { kind: "fault"; reason: string }

/** Whether the endpoint accepted the request; null if our own code failed, which says nothing about the endpoint. */
export function succeeded(outcome: Outcome): boolean | null {
  if (outcome.kind === "fault") return null
  return outcome.kind === "response" && outcome.status >= 200 && outcome.status < 300
}

/** What happens to a delivery after an attempt. */
export type Verdict =
  | { kind: "delivered" }
  | { kind: "retry"; dueAtMs: number }
  | { kind: "exhausted"; disableEndpoint: boolean }
