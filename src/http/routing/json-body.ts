import type { FastifyInstance } from "fastify"
import { AppError } from "../../core/api/problem.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true })

/**
 * Accepts JSON bodies in UTF-8 only (RFC 8259), without Fastify's default `text/plain`. An empty body counts as none:
 * many clients send the content type with nothing in the body.
 */
export function parseJsonLeniently(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error")
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, body, done) => {
    const [, charset = "utf-8"] = /;\s*charset="?([^";\s]+)/i.exec(request.headers["content-type"] ?? "") ?? []
    if (!/^(utf-?8|us-ascii)$/i.test(charset))
      return done(new AppError("unsupported_media_type", "Send JSON in UTF-8, without another charset."))
    if (body.length === 0) return done(null, undefined)
    let text: string
    try {
      text = utf8.decode(body)
    } catch {
      return done(new AppError("invalid_json", "The body is not UTF-8."))
    }
    parse(request, text, done)
  })
}
