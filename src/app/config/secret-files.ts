import { readFileSync } from "node:fs"
import { configFault } from "./config-fault.ts"

/** The variables that may be given in a file, whose path is in `<name>_FILE`, as container platforms mount secrets. */
const IN_FILES = [
  "ADMIN_KEY",
  "ENCRYPTION_KEYS",
  "META_APP_SECRET",
  "META_VERIFY_TOKEN",
  "DATABASE_URL",
  "REDIS_URL",
] as const

type Given = Partial<Record<string, string>>

/**
 * @returns the variables with those from files, the names of those that cannot be read, and a sentence for each fault
 */
export function withSecretFiles(set: Given): { given: Given; unread: string[]; faults: string[] } {
  const given: Given = { ...set }
  const unread: string[] = []
  const faults: string[] = []
  for (const name of IN_FILES) {
    const variable = `${name}_FILE`
    const file = set[variable]
    if (file === undefined) continue
    const fault = set[name] === undefined ? readInto(given, name, file) : `must not be set beside ${name}`
    if (fault === undefined) continue
    faults.push(configFault(variable, fault, file))
    unread.push(name)
  }
  return { given, unread, faults }
}

function readInto(given: Given, name: string, file: string): string | undefined {
  try {
    // An editor or `echo` ends a file with a line break.
    const text = readFileSync(file, "utf8").trim()
    if (text === "") return "must name a file that is not empty"
    given[name] = text
    return undefined
  } catch (error) {
    return `must name a file that can be read (${(error as NodeJS.ErrnoException).code})`
  }
}
