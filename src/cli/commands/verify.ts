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
    .description("check a request's signature and explain a mismatch; works without a gateway")
    .argument("<file>", "raw body of the request; - for standard input")
    .requiredOption("--headers <file>", "headers of the request: 'Name: value' lines or a JSON object")
    .option("--secret <secret>", "whsec_… secret of the endpoint (WEBHOOK_SECRET)")
    .action(async (file: string) => {
      const { headers, secret = io.env.WEBHOOK_SECRET } = command.opts()
      if (!secret) throw new UsageError("no secret: pass --secret or set WEBHOOK_SECRET")
      const received = { headers: parseHeaders(await read(headers)), body: await read(file), secret }
      const { genuine, lines } = explainSignature({ ...received, nowMs: Date.now() })
      if (!genuine) throw new Error(`signature invalid: ${lines.join("\n  ")}`)
      io.out(`signature valid: ${lines.join("\n  ")}\n`)
    })
}

/** Returns names in lower case; skips lines without a colon, such as the request line. */
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
