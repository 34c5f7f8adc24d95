import { Ajv2020 } from "ajv/dist/2020.js"
import type { FastifyInstance } from "fastify"

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}

interface Document {
  paths: Record<string, Record<string, Operation>>
}

interface Contract {
  document: Document
  ajv: Ajv2020
}

const contracts = new WeakMap<FastifyInstance, Promise<Contract>>()

/** Checks that every response in the tests matches /openapi.json. */
export async function assertDocumented(
  app: FastifyInstance,
  method: string,
  url: string,
  status: number,
  body: unknown,
): Promise<void> {
  const { document, ajv } = await contractOf(app)
  const path = pathOf(document, url)
  const operation = path && document.paths[path]?.[method.toLowerCase()]
  if (!operation) return
  const code = operation.responses[status] ? String(status) : "default"
  if (status < 400 && code === "default")
    throw new Error(`${method} ${path} responded with ${status}, which is not documented`)
  const [type] = Object.keys(operation.responses[code]?.content ?? {})
  if (type === undefined) {
    if (body !== undefined) throw new Error(`${method} ${path} is documented to have no response body`)
    return
  }
  if (!type.includes("json")) return
  const pointer = ["paths", path, method.toLowerCase(), "responses", code, "content", type, "schema"]
    .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
    .join("/")
  if (!ajv.validate({ $ref: `openapi#/${pointer}` }, body)) {
    throw new Error(`${method} ${path} ${status}: ${ajv.errorsText()} in ${JSON.stringify(body)}`)
  }
}

function contractOf(app: FastifyInstance): Promise<Contract> {
  const known = contracts.get(app)
  if (known) return known
  const contract = readContract(app)
  contracts.set(app, contract)
  return contract
}

async function readContract(app: FastifyInstance): Promise<Contract> {
  const document = (await app.inject({ url: "/openapi.json" })).json<Document>()
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajv.addSchema({ ...document, $id: "openapi" })
  return { document, ajv }
}

function pathOf(document: Document, url: string): string | undefined {
  const given = (url.split("?", 1)[0] ?? "").split("/")
  const fits = (path: string, isAny: (part: string) => boolean) => {
    const parts = path.split("/")
    return parts.length === given.length && parts.every((part, index) => isAny(part) || part === given[index])
  }
  const paths = Object.keys(document.paths)
  return (
    paths.find((path) => fits(path, () => false)) ?? paths.find((path) => fits(path, (part) => part.startsWith("{")))
  )
}
