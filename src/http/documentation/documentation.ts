import type { FastifyInstance } from "fastify"
import { AppError } from "../../core/api/problem.ts"
import { docsPage, type OpenapiDocument } from "./docs-page.ts"

const DAY_S = 86_400
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The API reference, the OpenAPI document and the schemas. Public: they reveal nothing about the installation. */
export async function documentationRoutes(
  app: FastifyInstance,
  { schemas, openapi }: { schemas: ReadonlyMap<string, string>; openapi(): Promise<object> },
): Promise<void> {
  let built: Promise<{ openapi: string; page: string }> | undefined

  /** Built on the first request: the document contains the public URL, which is known once the server listens. */
  async function build() {
    const document = await openapi()
    return { openapi: JSON.stringify(document), page: docsPage(document as OpenapiDocument) }
  }
  const documents = () => {
    built ??= build()
    return built
  }

  app.get("/openapi.json", async (_request, reply) =>
    reply.type("application/json; charset=utf-8").send((await documents()).openapi),
  )

  app.get("/docs", async (_request, reply) =>
    reply
      .type("text/html; charset=utf-8")
      .headers({ "content-security-policy": PAGE_POLICY, "x-content-type-options": "nosniff" })
      .send((await documents()).page),
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
