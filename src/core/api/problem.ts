/** Every error a client can get. The code is part of the API's contract, the wording is not. */
export const PROBLEMS = {
  bad_request: { status: 400, title: "The request is malformed" },
  invalid_json: { status: 400, title: "The body is not valid JSON" },
  invalid_query: { status: 400, title: "The query string is not valid" },
  customer_required: { status: 400, title: "A request with the operator's key must name the customer" },
  unauthorized: { status: 401, title: "A valid key is required" },
  signature_invalid: { status: 401, title: "The signature does not match the body" },
  handshake_refused: { status: 403, title: "The verify token does not match" },
  scope_missing: { status: 403, title: "The key does not have the required scope" },
  operator_required: { status: 403, title: "Only the operator may do this" },
  not_found: { status: 404, title: "There is no such object" },
  route_not_found: { status: 404, title: "There is no such route" },
  method_not_allowed: { status: 405, title: "The route does not support this method" },
  request_timeout: { status: 408, title: "The request took too long to arrive" },
  connection_exists: { status: 409, title: "The page is already connected through this app" },
  app_in_use: { status: 409, title: "The app still has connections" },
  limit_reached: { status: 409, title: "The limit on the number of these objects is reached" },
  key_ended: { status: 409, title: "The key has been revoked or has expired" },
  secrets_live: { status: 409, title: "The limit on the endpoint's live secrets is reached" },
  event_gone: { status: 409, title: "The event or its endpoint no longer exists" },
  encryption_key_differs: { status: 409, title: "The gateway encrypts with another key" },
  idempotency_conflict: { status: 409, title: "The Idempotency-Key was used for another request" },
  idempotency_in_progress: { status: 409, title: "The first request with this Idempotency-Key is still running" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not supported" },
  invalid_body: { status: 422, title: "The body is not valid" },
  rate_limited: { status: 429, title: "Too many requests" },
  headers_too_large: { status: 431, title: "The header fields are too large" },
  internal: { status: 500, title: "Onehook failed" },
  overloaded: { status: 503, title: "Too many requests are in progress" },
  store_unavailable: { status: 503, title: "The store cannot be reached" },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

/** One fault of an input. `path` locates it in the body or query, as in `headers.x-a` or `page_ids[0]`. */
export interface InputFault {
  path: string
  message: string
}

interface Extra {
  errors?: InputFault[]
  headers?: Record<string, string>
  cause?: unknown
}

/** An expected failure of a request. `detail` is shown to the client, so it contains no secret. */
export class AppError extends Error {
  override readonly name = "AppError"
  readonly code: ProblemCode
  readonly errors: InputFault[] | undefined
  readonly headers: Record<string, string>

  constructor(code: ProblemCode, detail: string, extra: Extra = {}) {
    super(detail, extra.cause === undefined ? {} : { cause: extra.cause })
    this.code = code
    this.errors = extra.errors
    this.headers = extra.headers ?? {}
  }
}
