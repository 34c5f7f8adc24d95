import { parseKeys } from "../../core/json/json-keys.ts"
import { createSilence } from "../listen/silence.ts"
import { type Problem, RefusedError } from "./refused.ts"

export type Json = Record<string, unknown>
export type Query = Record<string, string | number | undefined>

export interface Api {
  gateway: string
  get(path: string, query?: Query): Promise<Json>
  post(path: string, body?: Json): Promise<Json>
  patch(path: string, body: Json): Promise<Json>
  delete(path: string): Promise<Json>
  /** Server-sent events as bytes; fails after a silence of several heartbeats. */
  stream(
    path: string,
    query: Query,
    from: { lastEventId: string | undefined; interrupted: AbortSignal },
  ): Promise<AsyncIterable<Uint8Array>>
  /** The same API on behalf of a customer, for the operator's key. */
  as(customer: string): Api
}

export interface ApiOptions {
  /** The gateway's base URL. */
  gateway: string
  key: string
  /** With the operator's key: the customer to act for. */
  customer?: string | undefined
  timeoutMs?: number
}

/**
 * The gateway's REST API.
 *
 * Errors: RefusedError for every response that is not 2xx, Error if there is no response.
 */
export function createApi(options: ApiOptions): Api {
  const { gateway, key, customer, timeoutMs = 30_000 } = options
  const urlOf = (path: string, query: Query) => {
    const url = new URL(`${gateway}${path}`)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, `${value}`)
    return url
  }
  const common: Record<string, string> = { authorization: `Bearer ${key}` }
  if (customer) common["onehook-customer"] = customer
  const call = async (method: string, path: string, body?: Json, query: Query = {}): Promise<Json> => {
    const headers: Record<string, string> = { ...common, accept: "application/json" }
    if (body) headers["content-type"] = "application/json"
    const sent = { method, headers, body: body ? JSON.stringify(body) : null, timeoutMs }
    const response = await request(urlOf(path, query), sent)
    const answer = parseObject(await response.text())
    if (!response.ok) throw new RefusedError(toProblem(response, answer))
    return answer
  }
  return {
    gateway,
    get: (path, query) => call("GET", path, undefined, query),
    post: (path, body = {}) => call("POST", path, body),
    patch: (path, body) => call("PATCH", path, body),
    delete: (path) => call("DELETE", path),
    async stream(path, query, { lastEventId, interrupted }) {
      const headers = { ...common, ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) }
      const silence = createSilence(interrupted)
      const response = await fetch(urlOf(path, query), { headers, redirect: "manual", signal: silence.signal })
      if (!response.ok) throw new RefusedError(toProblem(response, parseObject(await response.text())))
      return silence.watch(response.body as AsyncIterable<Uint8Array>)
    },
    as: (other) => createApi({ ...options, customer: other }),
  }
}

interface RequestOptions {
  method: string
  headers: Record<string, string>
  body: string | null
  timeoutMs?: number
}

/** One HTTP request. Throws an Error that says why there is no response. */
export async function request(url: URL, { timeoutMs = 30_000, ...init }: RequestOptions): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    const timedOut = error instanceof DOMException && error.name === "TimeoutError"
    const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined
    const reason = timedOut ? `no response within ${timeoutMs / 1000} s` : (cause?.code ?? String(error))
    throw new Error(
      `cannot reach the gateway at ${url.origin} (${reason}). Start it with npm start, or set --gateway`,
      {
        cause: error,
      },
    )
  }
}

/** An API path. Parts are encoded, because they may come from the command line. */
export const path = (...parts: string[]) => `/v1/${parts.map(encodeURIComponent).join("/")}`

/** Parses a JSON object; an empty object if the text is anything else. */
export function parseObject(text: string): Json {
  try {
    const value = parseKeys(text)
    return typeof value === "object" && value !== null ? (value as Json) : {}
  } catch {
    return {}
  }
}

/** The problem in a response that is not 2xx; without problem+json it has the status only. */
export function toProblem(response: Response, answer: Json): Problem {
  const problem: Problem = { status: response.status }
  if (typeof answer.code === "string") problem.code = answer.code
  if (typeof answer.title === "string") problem.title = answer.title
  if (typeof answer.detail === "string") problem.detail = answer.detail
  if (Array.isArray(answer.errors)) problem.errors = answer.errors
  const requestId = response.headers.get("x-request-id")
  if (requestId) problem.requestId = requestId
  return problem
}
