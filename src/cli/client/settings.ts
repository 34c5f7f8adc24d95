import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseAdminKey } from "../../core/api/admin-keys.ts"
import { UsageError } from "./refused.ts"

/** The gateway's base URL without a trailing slash. @throws UsageError for an invalid URL */
export function findGateway(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const text = given ?? (env.ONEHOOK_URL || "http://127.0.0.1:3000")
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`"${text}" is not a valid gateway URL; use a URL such as http://127.0.0.1:3000`)
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`
}

/**
 * The API key: the given one, ONEHOOK_API_KEY, or the operator's key of a local gateway. The operator's key is never
 * sent to another machine unless it was given. @throws UsageError if there is none
 */
export function findApiKey(wanted: { given?: string | undefined; env: NodeJS.ProcessEnv; gateway: string }): string {
  const { given, env, gateway } = wanted
  const key = (given ?? env.ONEHOOK_API_KEY)?.trim()
  if (key) return checkedKey(key, given === undefined ? "ONEHOOK_API_KEY" : "--key")
  const local = isLoopback(new URL(gateway).hostname)
  const operator = local ? (setOrInFile(env, "ADMIN_KEY") ?? readSecret(env, "admin-key")) : null
  if (operator) return parseAdminKey(firstOf(operator)).key
  const where = local ? `. ${join(dataDir(env), "admin-key")} does not exist; check that DATA_DIR is the gateway's` : ""
  throw new UsageError(`no API key: pass --key or set ONEHOOK_API_KEY${where}`)
}

/** Checked here because `fetch` repeats an invalid header value in its error message. */
function checkedKey(key: string, source: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key
  throw new UsageError(`the API key in ${source} contains a space, a line break or another invalid character`)
}

/** The Meta app secret to sign with: the given one, the first of META_APP_SECRET, or the one the gateway generated. */
export function findAppSecret(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const secret = given ?? firstOf(setOrInFile(env, "META_APP_SECRET") ?? readSecret(env, "meta-app-secret") ?? "")
  if (secret) return secret
  throw new UsageError(
    `no app secret: pass --secret or set META_APP_SECRET. ${join(dataDir(env), "meta-app-secret")} does not exist; check that DATA_DIR is the gateway's`,
  )
}

export const dataDir = (env: NodeJS.ProcessEnv) => env.DATA_DIR || "./data"

/** The first of several secrets that are separated by commas: the newest, by convention. */
const firstOf = (secrets: string) => secrets.split(",")[0]?.trim() ?? ""

/** As the gateway reads it: the variable, or the file that `<name>_FILE` names. */
function setOrInFile(env: NodeJS.ProcessEnv, name: string): string | null {
  const file = env[`${name}_FILE`]
  return env[name] || (file ? readFile(file) : null)
}

function readSecret(env: NodeJS.ProcessEnv, name: string): string | null {
  return readFile(join(dataDir(env), name))
}

function readFile(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ENOENT") return null
    throw new Error(`cannot read ${file}: ${code === "EACCES" ? "it belongs to another user" : code}`, { cause: error })
  }
}

const isLoopback = (host: string) => host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host)
