import { readFile } from "node:fs/promises"
import { text } from "node:stream/consumers"
import { Argument, type Command, Option } from "commander"
import { Platform } from "../../core/event/event.ts"
import { UsageError } from "../client/refused.ts"
import type { Io } from "../io.ts"
import { type NormalizeOptions, normalizeText } from "../output/normalize-text.ts"

export function registerNormalize(program: Command, io: Io) {
  const command = program
    .command("normalize")
    .description("convert Meta webhook bodies to events, one per line; works without a gateway")
    .addArgument(new Argument("[file...]", "files with one or more bodies; - for standard input"))
    .addOption(new Option("--payload <payload>", "payload of the events").choices(["full", "compact"]).default("full"))
    .option("--raw", "add the raw item to each event", false)
    .addOption(new Option("--platform <platform>", "platform of bodies without `object`").choices(Platform.options))
    .addHelpText(
      "after",
      "\nConversation ids differ from those of a gateway: the key is 32 zero bytes and\nthe customer is `local`.",
    )
    .action((files: string[]) => normalizeFiles(io, files.length > 0 ? files : ["-"], command.opts()))
}

async function normalizeFiles(io: Io, files: string[], options: NormalizeOptions) {
  const unreadable: string[] = []
  let faulty = 0
  for (const file of files) {
    const content = await read(file)
    if (content === undefined) {
      unreadable.push(file)
      continue
    }
    const { events, faults } = normalizeText(content, options, Date.now())
    for (const event of events) io.out(`${event}\n`)
    for (const { line, column, offset, path, reason } of faults) {
      io.err(`${file}:${line}:${column} (byte ${offset}): ${path === "" ? "" : `${path}: `}${reason}\n`)
    }
    faulty += faults.length
  }
  if (unreadable.length > 0) throw new UsageError(`cannot read ${unreadable.join(", ")}`)
  if (faulty > 0)
    throw new Error(
      `${faulty} ${faulty === 1 ? "item" : "items"} could not become ${faulty === 1 ? "an event" : "events"}`,
    )
}

async function read(file: string): Promise<string | undefined> {
  try {
    return file === "-" ? await text(process.stdin) : await readFile(file, "utf8")
  } catch {
    return undefined
  }
}
