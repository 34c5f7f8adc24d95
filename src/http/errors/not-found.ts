import type { FastifyInstance, FastifyRequest } from "fastify"
import { AppError } from "../../core/api/problem.ts"

/** 404 for an unknown route, 405 for a wrong method. Knows only routes that are registered after this call. */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  const methodsByPattern = new Map<string, Set<string>>()
  app.addHook("onRoute", ({ url, method }) => {
    const methods = methodsByPattern.get(url) ?? new Set()
    methodsByPattern.set(url, methods)
    for (const name of [method].flat()) methods.add(name)
  })

  // Before Fastify asks something of the request that only a route can: a content type of QUERY.
  app.addHook("onRequest", async (request) => {
    if (request.is404) refuse(request)
  })
  app.setNotFoundHandler(refuse)

  function refuse(request: FastifyRequest): never {
    const path = request.url.split("?", 1)[0] ?? ""
    for (const [pattern, methods] of methodsByPattern) {
      if (!matches(pattern, path)) continue
      const allow = [...methods].join(", ")
      throw new AppError("method_not_allowed", `This route supports ${allow}.`, { headers: { allow } })
    }
    throw new AppError("route_not_found", "See /docs for the list of routes.")
  }
}

function matches(pattern: string, path: string): boolean {
  const expected = pattern.split("/")
  const given = path.split("/")
  return (
    expected.length === given.length &&
    expected.every((part, index) => (part.startsWith(":") ? given[index] !== "" : part === given[index]))
  )
}
