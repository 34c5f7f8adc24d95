import { PROBLEMS } from "../../core/api/problem.ts"

interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: unknown
  description?: string
  default?: unknown
}

interface Operation {
  operationId: string
  summary: string
  description?: string
  tags: string[]
  security: Record<string, string[]>[]
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

export interface OpenapiDocument {
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  components: { schemas: Record<string, Schema> }
  paths: Record<string, Record<string, Operation>>
}

const STYLE = `
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
h1{margin-bottom:0}h2{margin-top:3rem;border-bottom:1px solid #ccd3dc}section{margin:1.5rem 0}
h3{font-size:1rem;margin:0}code{font:.9em ui-monospace,monospace}h3 code{background:#eef1f5;padding:.15rem .4rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.9rem}
td,th{text-align:left;vertical-align:top;padding:.25rem .5rem;border-top:1px solid #e3e8ee}
.who{color:#5a6675;font-size:.9rem}nav a{margin-right:1rem}
@media(prefers-color-scheme:dark){body{color:#e3e8ee;background:#14181f}h3 code{background:#252c37}
td,th{border-color:#333c49}h2{border-color:#333c49}a{color:#8ab4f8}.who{color:#9aa7b8}}`

/** The API reference as one HTML page that loads no other resources. */
export function docsPage(document: OpenapiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))]
  const { title, version, description } = document.info
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${text(title)} API</title><style>${STYLE}</style></head><body>
<h1>${text(title)} API</h1><p class="who">${text(version)} · ${link("/openapi.json")} · ${link("/schemas/event.v1.json")}</p>
<p>${prose(description)}</p>
<pre><code>curl ${text(document.servers[0]?.url ?? "")}/v1/events -H "Authorization: Bearer ohk_live_…"</code></pre>
<nav>${tags.map((tag) => `<a href="#${text(tag)}">${text(tag)}</a>`).join("")}<a href="#objects">objects</a><a href="#problems">problems</a></nav>
${tags
  .map((tag) =>
    tagSection(
      tag,
      operations.filter(({ operation }) => operation.tags.includes(tag)),
    ),
  )
  .join("")}
<h2 id="objects">objects</h2>${Object.entries(document.components.schemas)
    .map(([name, schema]) => objectSection(name, schema))
    .join("")}
<h2 id="problems">problems</h2>${problemTable()}
</body></html>`
}

function tagSection(tag: string, operations: { path: string; method: string; operation: Operation }[]): string {
  return `<h2 id="${text(tag)}">${text(tag)}</h2>${operations.map(operationSection).join("")}`
}

function operationSection({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const body = operation.requestBody?.content["application/json"]?.schema
  const [status, response] = Object.entries(operation.responses).find(([code]) => code !== "default") ?? []
  const schema = response?.content?.["application/json"]?.schema
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === "query")
  return `<section id="${text(operation.operationId)}"><h3><code>${method} ${text(path)}</code> ${text(operation.summary)}</h3>
<p class="who">${allowedCallers(operation)}</p>${operation.description ? `<p>${prose(operation.description)}</p>` : ""}
${query.length > 0 ? table(query.map(({ name, schema: type, description }) => row(name, type, description))) : ""}
<p>${body ? `Request body: ${typeName(body)}. ` : ""}Response: ${text(status ?? "")}${schema ? `, ${typeName(schema)}` : ""}.</p></section>`
}

function allowedCallers(operation: Operation): string {
  const scopes = operation.security.flatMap((scheme) => scheme.customerKey ?? [])
  return scopes.length > 0
    ? `Customer key with scope <code>${scopes.map(text).join(", ")}</code>, or operator key`
    : "Operator key"
}

function objectSection(name: string, schema: Schema): string {
  const fields = Object.entries(schema.properties ?? {})
  const rows = fields.map(([field, type]) => row(field, type, type.description, schema.required?.includes(field)))
  return `<section id="${text(name)}"><h3>${text(name)}</h3>${schema.description ? `<p>${prose(schema.description)}</p>` : ""}
${rows.length > 0 ? table(rows) : `<p>${typeName(schema)}</p>`}</section>`
}

function table(rows: string[]): string {
  return `<table>${rows.join("")}</table>`
}

function row(name: string, type: Schema, description?: string, required = false): string {
  const preset = type.default === undefined ? "" : ` Default <code>${text(JSON.stringify(type.default))}</code>.`
  return `<tr><td><code>${text(name)}</code>${required ? " *" : ""}</td><td>${typeName(type)}</td><td>${prose(description ?? "")}${preset}</td></tr>`
}

function typeName(schema: Schema): string {
  if (schema.$ref) return objectLink(schema.$ref.split("/").at(-1) ?? "")
  if (schema.enum) return schema.enum.map((value) => `<code>${text(String(value))}</code>`).join(" | ")
  if (schema.anyOf) return schema.anyOf.map(typeName).join(" | ")
  if (schema.items) return `list of ${typeName(schema.items)}`
  if (schema.properties?.data) return `a page of ${typeName(schema.properties.data.items ?? {})}`
  return text([schema.type ?? "any"].flat().join(" | "))
}

function problemTable(): string {
  const rows = Object.entries(PROBLEMS).map(
    ([code, { status, title }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${text(title)}</td></tr>`,
  )
  return table(rows)
}

function objectLink(name: string): string {
  return `<a href="#${text(name)}">${text(name)}</a>`
}

function link(path: string): string {
  return `<a href="${text(path)}">${text(path)}</a>`
}

/** Escapes the text and turns backticks into `<code>`. */
function prose(words: string): string {
  return text(words).replaceAll(/`([^`]+)`/g, "<code>$1</code>")
}

function text(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
}
