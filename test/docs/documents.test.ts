import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Command } from "commander"
import { describe, expect, it } from "vitest"
import openapi from "../../schemas/openapi.json" with { type: "json" }
import { createMetrics } from "../../src/app/observability/metrics.ts"
import { firstCommands } from "../../src/app/welcome.ts"
import { createProgram } from "../../src/cli/program.ts"
import { PROBLEMS } from "../../src/core/api/problem.ts"
import { DEFAULT_SCHEDULE_MS } from "../../src/core/delivery/retry.ts"
import { createEndpointSecret, signWebhook } from "../../src/core/delivery/signature.ts"
import { EVENT_NAMES } from "../../src/core/event/event.ts"
import { OPERATIONAL_EVENT_TYPES, OperationalEvent } from "../../src/core/event/operational-event.ts"

const ROOT = join(import.meta.dirname, "../..")
const read = (page: string) => readFileSync(join(ROOT, page), "utf8")
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "SECURITY.md",
  ...globSync("docs/**/*.md", { cwd: ROOT }),
]

describe("docs/reference/errors.md", () => {
  const page = read("docs/reference/errors.md")

  it.each(Object.entries(PROBLEMS))("has the problem %s with its status", (code, { status, title }) => {
    expect(page).toContain(`| ${status} | \`${code}\` | ${title} |`)
  })
})

describe("docs/reference/cli.md", () => {
  const [head = "", ...sections] = read("docs/reference/cli.md").split(/^## /m)
  const sectionOf = (name = "") => sections.find((text) => text.startsWith(`${name}\n`)) ?? ""
  const common = head + sectionOf("Common options")

  it.each(commands())("has %s with its options", (name, command) => {
    const section = sectionOf(name.split(" ")[1])
    expect(section).toMatch(new RegExp(`\`${name}[ \`]`))
    const missing = command.options.map(({ long }) => long).filter((long) => !(section + common).includes(`\`${long}`))
    expect(missing).toEqual([])
  })

  it("has no command and no option that does not exist", () => {
    const known = commands()
    const told = sections.flatMap((text) => [...text.matchAll(/^\| `(onehook [a-z-]+ [a-z-]+)/gm)])
    expect(told.map(([, name]) => name).filter((name) => !known.some(([own]) => own === name))).toEqual([])
    const options = new Set(known.flatMap(([, command]) => command.options.map(({ long }) => long)))
    const named = [...sections.join("").matchAll(/`(--[a-z-]+)/g)].map(([, long]) => long ?? "")
    expect(named.filter((long) => !options.has(long) && !["--help", "--version"].includes(long))).toEqual([])
  })
})

describe("docs/reference/api.md", () => {
  const page = read("docs/reference/api.md")

  it.each(Object.keys(openapi.paths))("has the route %s", (path) => {
    const [, , resource = "", ...rest] = path.split("/")
    const action = rest.length > 1 ? rest.at(-1) : ""
    expect(page).toMatch(new RegExp(`^\\| .*/v1/${resource}.*${action}.*\\|`, "m"))
  })
})

it("README.md has the three lines that the gateway prints at startup", () => {
  const [, lines = ""] = /line by line:\n\n```sh\n([\s\S]*?)```/.exec(read("README.md")) ?? []
  expect(lines.trim().split("\n")).toEqual(firstCommands("./data"))
})

it("docs/reference/metrics.md has every metric, and no page has another", async () => {
  const page = read("docs/reference/metrics.md")
  const metrics = await createMetrics().registry.getMetricsAsJSON()
  const own = metrics.map(({ name }) => name).filter((name) => name.startsWith("onehook_"))
  expect(own.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([])
  const named = [
    ...pages
      .map(read)
      .join("")
      .matchAll(/onehook_[a-z_]+/g),
  ].map(([name]) => name)
  expect(named.filter((name) => !own.includes(name))).toEqual([])
})

it("docs/reference/configuration.md has every variable, and no other", () => {
  const [, table = ""] = /\| variable .*\n\|[-|]+\n((?:\|.*\n)+)/.exec(read("docs/reference/configuration.md")) ?? []
  const documented = [...table.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name)
  const [, schema = ""] = /const Env = z\.object\(\{\n([\s\S]*?)\n\}\)/.exec(read("src/app/config/config.ts")) ?? []
  const known = [...schema.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name]) => name)
  expect(documented.toSorted()).toEqual(known.toSorted())
})

it("docs/reference/events.md has every event", () => {
  const page = read("docs/reference/events.md")
  expect(EVENT_NAMES.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

describe("docs/reference/deliveries.md", () => {
  const page = read("docs/reference/deliveries.md")

  it("has the actual retry schedule", () => {
    const units = { s: 1_000, min: 60_000, h: 3_600_000 } as const
    const [, row = ""] = /^\| wait \|(.*)\|$/m.exec(page) ?? []
    const waits = row.split("|").map((cell) => {
      const [, count = "0", unit = "s"] = /^(\d+) (s|min|h)$/.exec(cell.trim()) ?? []
      return Number(count) * units[unit as keyof typeof units]
    })
    expect(waits).toEqual(DEFAULT_SCHEDULE_MS)
  })

  it("has a schema-valid example of every operational event", () => {
    const shown = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = ""]) =>
      OperationalEvent.parse(JSON.parse(json)),
    )
    expect(shown.map(({ type }) => type)).toEqual(OPERATIONAL_EVENT_TYPES)
  })
})

describe("docs/guides/receive-events.md", () => {
  const page = read("docs/guides/receive-events.md")

  it("has working code to verify signatures", async () => {
    const [, code = ""] = /```js\n([\s\S]*?)```/.exec(page) ?? []
    const { isGenuine } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
    const secret = createEndpointSecret(new Uint8Array(32).fill(7))
    const other = createEndpointSecret(new Uint8Array(32).fill(8))
    const body = '{"text":"größer 🦄"}'
    const headersAt = (timestampS: number) => ({
      "webhook-id": "evt_1",
      "webhook-timestamp": `${timestampS}`,
      "webhook-signature": signWebhook({ id: "evt_1", timestampS, body, secrets: [other, secret] }),
    })
    const now = Math.floor(Date.now() / 1000)
    expect(isGenuine(headersAt(now), Buffer.from(body), secret)).toBe(true)
    expect(isGenuine(headersAt(now), Buffer.from(`${body} `), secret)).toBe(false)
    expect(isGenuine(headersAt(now - 600), Buffer.from(body), secret)).toBe(false)
    expect(isGenuine({}, Buffer.from(body), secret)).toBe(false)
  })
})

it.each(pages)("%s has no broken links", (page) => {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link)
  const missing = links.filter((link) => !/^https?:/.test(link)).filter((link) => !leads(page, link))
  expect(missing).toEqual([])
})

it.each(["CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md"])("%s names files that exist", (page) => {
  const named = [...read(page).matchAll(/`((?:src|test|docs|bench|schemas)\/[\w./-]+)`/g)].map(([, path = ""]) => path)
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

/** All that can be run, by their whole names. */
function commands(): [string, Command][] {
  const walk = (command: Command, name: string): [string, Command][] =>
    command.commands.length === 0
      ? [[name, command]]
      : command.commands.flatMap((each) => walk(each, `${name} ${each.name()}`))
  return walk(createProgram({ env: {}, out: () => {}, err: () => {} }), "onehook")
}

function leads(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#")
  const target = path === "" ? page : join(dirname(page), path)
  if (!existsSync(join(ROOT, target))) return false
  if (anchor === undefined) return true
  const titles = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => title)
  return titles.some(
    (title) =>
      title
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-") === anchor,
  )
}
