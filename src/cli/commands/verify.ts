import { readFile } from "node:fs/promises"
import { text } from "node:stream/consumers"
import type { Command } from "commander"
import { parseObject } from "../client/api.ts"
import { UsageError } from "../client/refused.ts"
import type { Io } from "../io.ts"
import { explainSignature } from "../output/explain-signature.ts"

export function registerVerify(program: Command, io: Io) {
  const command = program
    .command("verify")
    .description("say why a request's signature does or does not match; offline, no gateway needed")
    .argument("<file>", "the request's body, byte for byte; - for standard input")
    .requiredOption("--headers <file>", "the request's headers: 'Name: value' lines, or a JSON object")
    .option("--secret <secret>", "the endpoint's whsec_… (WEBHOOK_SECRET)")
    .action(async (file: string) => {
      const { headers, secret = io.env.WEBHOOK_SECRET } = command.opts()
      if (!secret) throw new UsageError("no secret: say --secret or set WEBHOOK_SECRET")
      const received = { headers: parseHeaders(await read(headers)), body: await read(file), secret }
      const { genuine, lines } = explainSignature({ ...received, nowMs: Date.now() })
      if (!genuine) throw new Error(`not genuine: ${lines.join("\n  ")}`)
      io.out(`genuine: ${lines.join("\n  ")}\n`)
    })
}

/** Names in lower case; lines without a colon, such as the request line, are left out. */
function parseHeaders(content: string): Record<string, string> {
  const object = Object.entries(parseObject(content))
  const pairs =
    object.length > 0
      ? object
      : content.split(/\r?\n/).flatMap((line) => {
          const at = line.indexOf(":")
          return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : []
        })
  return Object.fromEntries(pairs.map(([name, value]) => [name.trim().toLowerCase(), String(value).trim()]))
}

async function read(file: string): Promise<string> {
  try {
    return file === "-" ? await text(process.stdin) : await readFile(file, "utf8")
  } catch {
    throw new UsageError(`cannot read ${file}`)
  }
}
