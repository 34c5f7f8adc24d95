import { STATUS_CODES } from "node:http"
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify"
import { AppError, PROBLEMS, type ProblemCode } from "../../core/api/problem.ts"
import { errorText } from "../../core/errors/error-text.ts"
import { isStoreUnavailable } from "./unavailable.ts"

const FASTIFY_CODES: Record<string, ProblemCode> = {
  FST_ERR_CTP_INVALID_JSON_BODY: "invalid_json",
  FST_ERR_CTP_EMPTY_JSON_BODY: "invalid_json",
  FST_ERR_CTP_BODY_TOO_LARGE: "body_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_EMPTY_TYPE: "unsupported_media_type",
  FST_ERR_MAX_PARAM_LENGTH: "route_not_found",
}

const DETAILS: Partial<Record<ProblemCode, string>> = {
  bad_request: "The request could not be read.",
  invalid_json: "The body must be one JSON object, but it cannot be parsed.",
  body_too_large: "The body is larger than this route allows.",
  unsupported_media_type: "Send the body with content-type: application/json.",
  store_unavailable: "Try again in a few seconds.",
}

/** The problem details body of an error, RFC 9457. */
function problemBody(error: AppError, at: { publicUrl: string; path: string }) {
  const { status, title } = PROBLEMS[error.code]
  return {
    type: `${at.publicUrl}/docs#${error.code}`,
    title,
    status,
    detail: error.message || undefined,
    instance: at.path,
    code: error.code,
    errors: error.errors,
  }
}

/** Turns every thrown error into a response; the only place that does. */
export function createProblemHandler(publicUrl: () => string) {
  return function handleProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const error = toAppError(thrown)
    const { status } = PROBLEMS[error.code]
    if (status >= 500) logFailure(request, error.code, error.cause ?? error)
    const body = problemBody(error, { publicUrl: publicUrl(), path: request.url.split("?", 1)[0] ?? "" })
    return reply
      .code(status)
      .headers({ ...error.headers, "x-request-id": request.id })
      .type("application/problem+json")
      .send(Buffer.from(JSON.stringify(body)))
  }
}

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  const { code, statusCode } = (thrown ?? {}) as Partial<FastifyError>
  const known = code === undefined ? undefined : FASTIFY_CODES[code]
  if (known) return problem(known, thrown)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return problem(byStatus(statusCode), thrown)
  if (isStoreUnavailable(thrown)) return problem("store_unavailable", thrown, { "retry-after": "2" })
  return problem("internal", thrown)
}

function problem(code: ProblemCode, cause: unknown, headers: Record<string, string> = {}): AppError {
  return new AppError(code, DETAILS[code] ?? "", { cause, headers })
}

function byStatus(status: number): ProblemCode {
  const codes = Object.keys(PROBLEMS) as ProblemCode[]
  return status === 400 ? "bad_request" : (codes.find((code) => PROBLEMS[code].status === status) ?? "bad_request")
}

/** Logs selected fields only: database errors carry SQL statements and their parameters. */
function logFailure({ log, id }: FastifyRequest, code: ProblemCode, cause: unknown): void {
  const fields = { request_id: id, error: describe(cause) }
  if (code === "overloaded") log.warn({ request_id: id }, "large webhook refused: too many large bodies are in flight")
  else if (code === "store_unavailable") log.warn(fields, "store unavailable; responded with 503")
  else log.error(fields, "request failed")
}

interface Description {
  name: string
  message: string
  code?: unknown
  stack?: string | undefined
  cause?: Description
}

function describe(error: unknown, depth = 0): Description {
  if (!(error instanceof Error)) return { name: typeof error, message: "the thrown value is not an Error" }
  const { code } = error as { code?: unknown }
  const { message, stack } = errorText(error)
  return {
    name: error.name,
    message,
    ...(code === undefined ? {} : { code }),
    stack,
    ...(error.cause === undefined || depth > 3 ? {} : { cause: describe(error.cause, depth + 1) }),
  }
}

/** A complete HTTP response as text, for slow, oversized or malformed input that never became a request. */
export function rawProblem(error: AppError, publicUrl: string, requestId: string): string {
  const { status } = PROBLEMS[error.code]
  const body = JSON.stringify(problemBody(error, { publicUrl, path: "" }))
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    "connection: close",
    "",
    body,
  ].join("\r\n")
}
