import type { FastifyInstance } from "fastify"
import { AppError } from "../../core/api/problem.ts"
import { docsPage, type OpenapiDocument } from "./docs-page.ts"

const DAY_S = 86_400
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The API reference, the OpenAPI document and the schemas. Public: they reveal nothing about the installation. */
export async function documentationRoutes(
  app: FastifyInstance,
  { schemas }: { schemas: ReadonlyMap<string, string> },
): Promise<void> {
  let cached: { openapi: string; page: string } | undefined

  /** Built on the first request: the document contains the public URL, which is known once the server listens. */
  function documents() {
    if (!cached) {
      const document = app.swagger() as unknown as OpenapiDocument
      cached = { openapi: JSON.stringify(document), page: docsPage(document) }
    }
    return cached
  }

  app.get("/openapi.json", (_request, reply) => reply.type("application/json; charset=utf-8").send(documents().openapi))

  app.get("/docs", (_request, reply) =>
    reply
      .type("text/html; charset=utf-8")
      .headers({ "content-security-policy": PAGE_POLICY, "x-content-type-options": "nosniff" })
      .send(documents().page),
  )

  for (const folder of ["", "events/"]) {
    app.get<{ Params: { name: string } }>(`/schemas/${folder}:name`, (request, reply) => {
      const schema = schemas.get(folder + request.params.name)
      if (schema === undefined) throw new AppError("not_found", "There is no schema with this name.")
      return reply
        .type("application/schema+json; charset=utf-8")
        .header("cache-control", `public, max-age=${DAY_S}`)
        .send(schema)
    })
  }
}
