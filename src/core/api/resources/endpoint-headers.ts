import { z } from "zod"

const MAX_HEADERS = 20
const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/
const VALUE = /^[\x21-\x7e]([\x20-\x7e]{0,1022}[\x21-\x7e])?$/

/** Headers that the sender sets, and those that would change how the request is framed or routed. */
const RESERVED = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-hub-signature-256",
])
const RESERVED_PREFIX = /^(webhook-|proxy-)/

function faultOf(name: string): string | null {
  if (!NAME.test(name)) return "is not a header name"
  const lower = name.toLowerCase()
  if (RESERVED.has(lower) || RESERVED_PREFIX.test(lower)) return "is reserved: Onehook or the connection sets it"
  return null
}

/** Extra request headers of an endpoint, names in lower case. Values may be credentials, so no message contains one. */
export const EndpointHeaders = z
  .record(z.string(), z.string())
  .superRefine((headers, context) => {
    const names = Object.keys(headers)
    if (names.length > MAX_HEADERS) context.addIssue(`must be at most ${MAX_HEADERS} headers`)
    if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
      context.addIssue("must name each header once, whatever the case")
    }
    for (const [name, value] of Object.entries(headers)) {
      const fault = faultOf(name)
      if (fault) context.addIssue({ code: "custom", path: [name], message: fault })
      if (!VALUE.test(value)) {
        context.addIssue({ code: "custom", path: [name], message: "must be 1 to 1024 visible ASCII characters" })
      }
    }
  })
  .transform((headers) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  )
