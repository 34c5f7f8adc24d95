import type { FastifyInstance } from "fastify"

/**
 * Accepts JSON bodies only, without Fastify's default `text/plain`. An empty body counts as none: many clients send the
 * content type with nothing in the body.
 */
export function parseJsonLeniently(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error")
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined)
    else parse(request, body, done)
  })
}
