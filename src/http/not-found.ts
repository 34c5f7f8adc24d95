import type { FastifyInstance } from "fastify"
import { AppError } from "../core/problem.ts"

/** 404 for what does not exist, 405 where only the method is wrong. Sees the routes that are added after it. */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  const methodsByPattern = new Map<string, Set<string>>()
  app.addHook("onRoute", ({ url, method }) => {
    const methods = methodsByPattern.get(url) ?? new Set()
    methodsByPattern.set(url, methods)
    for (const name of [method].flat()) methods.add(name)
  })

  app.setNotFoundHandler((request) => {
    const path = request.url.split("?", 1)[0] ?? ""
    for (const [pattern, methods] of methodsByPattern) {
      if (!matches(pattern, path)) continue
      const allow = [...methods].join(", ")
      throw new AppError("method_not_allowed", `This route takes ${allow}.`, { headers: { allow } })
    }
    throw new AppError("route_not_found", "See /docs for the routes there are.")
  })
}

function matches(pattern: string, path: string): boolean {
  const expected = pattern.split("/")
  const given = path.split("/")
  return (
    expected.length === given.length &&
    expected.every((part, index) => (part.startsWith(":") ? given[index] !== "" : part === given[index]))
  )
}
