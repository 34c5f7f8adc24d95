import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { openapiText } from "../../../schemas/openapi.ts"
import { useApi } from "../harness.ts"

const schemas = new Map([
  ["event.v1.json", '{"title":"event"}'],
  ["events/message.received.v1.json", '{"title":"message"}'],
])
const api = useApi({ schemas })

test("/openapi.json needs no key and lists every route once", async () => {
  const { body, status } = await api().call({ url: "/openapi.json" })
  expect(status).toBe(200)
  expect(body.openapi).toBe("3.1.0")
  const operations = Object.values(body.paths).flatMap((methods) =>
    Object.values(methods as Record<string, { operationId: string }>),
  )
  const names = operations.map(({ operationId }) => operationId)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toContain("createEndpoint")
})

test("every reference in /openapi.json resolves", async () => {
  const { body, text } = await api().call({ url: "/openapi.json" })
  const references = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference))
  expect(references.size).toBeGreaterThan(10)
  for (const reference of references) {
    expect(body.components.schemas).toHaveProperty(reference?.replace("#/components/schemas/", "") ?? "")
  }
})

test("schemas/openapi.json matches the code", async () => {
  expect(await openapiText()).toBe(readFileSync("schemas/openapi.json", "utf8"))
})

test("/docs is complete and loads no other resources", async () => {
  const page = await api().call({ url: "/docs" })
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8")
  expect(page.text).toContain("<code>POST /v1/endpoints</code> Create an endpoint")
  expect(page.text).not.toMatch(/<script|<link|src=|@import|url\(/)
  const anchors = new Set([...page.text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  for (const [, target] of page.text.matchAll(/href="#([^"]+)"/g)) expect(anchors).toContain(target)
  expect(anchors).toContain("idempotency_conflict")
})

test.each([...schemas])("the schema %s is served", async (path, text) => {
  const answer = await api().call({ url: `/schemas/${path}` })
  expect(answer.headers["content-type"]).toBe("application/schema+json; charset=utf-8")
  expect(answer.text).toBe(text)
})

test.each(["/schemas/other.json", "/schemas/events/event.v1.json", "/schemas/events/..%2fevent.v1.json"])(
  "%s is 404",
  async (url) => {
    expect((await api().call({ url })).status).toBe(404)
  },
)
