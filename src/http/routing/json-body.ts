import type { FastifyInstance } from "fastify"

/**
 * JSON and nothing else, not even the text that Fastify takes too. As Fastify's own, but a body that is empty is none:
 * many clients name the content type with nothing to send.
 */
export function parseJsonLeniently(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error")
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined)
    else parse(request, body, done)
  })
}
