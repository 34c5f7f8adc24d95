import { readFileSync } from "node:fs"
import { join } from "node:path"
import { UsageError } from "./refused.ts"

/** The gateway's base URL without a slash at the end. Throws an Error that says what is wrong with it. */
export function findGateway(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const text = given ?? (env.ONEHOOK_URL || "http://127.0.0.1:3000")
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`"${text}" is no gateway URL; it looks like http://127.0.0.1:3000`)
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`
}

/**
 * The API key: as given, from ONEHOOK_API_KEY, or the operator's of this machine.
 * The operator's is never sent to another machine unless it was given.
 */
export function findApiKey(wanted: { given?: string | undefined; env: NodeJS.ProcessEnv; gateway: string }): string {
  const { given, env, gateway } = wanted
  const key = (given ?? env.ONEHOOK_API_KEY)?.trim()
  if (key) return checkedKey(key, given === undefined ? "ONEHOOK_API_KEY" : "--key")
  const local = isLoopback(new URL(gateway).hostname)
  const operator = local ? env.ADMIN_KEY || readSecret(env, "admin-key") : null
  if (operator) return operator
  const where = local ? `, and there is no ${join(dataDir(env), "admin-key")} (is DATA_DIR the gateway's?)` : ""
  throw new UsageError(`no API key: say --key or set ONEHOOK_API_KEY${where}`)
}

/** One that cannot stand in a header would be refused by `fetch`, which repeats it. */
function checkedKey(key: string, source: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key
  throw new UsageError(`the API key of ${source} has a space, a line break or another character that no key has`)
}

/** The Meta app secret to sign with: as given, META_APP_SECRET's first, or the one that the gateway generated. */
export function findAppSecret(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const secret = given ?? (env.META_APP_SECRET?.split(",")[0]?.trim() || readSecret(env, "meta-app-secret"))
  if (secret) return secret
  throw new UsageError(
    `no app secret: say --secret or set META_APP_SECRET; there is no ${join(dataDir(env), "meta-app-secret")} (is DATA_DIR the gateway's?)`,
  )
}

export const dataDir = (env: NodeJS.ProcessEnv) => env.DATA_DIR || "./data"

function readSecret(env: NodeJS.ProcessEnv, name: string): string | null {
  const file = join(dataDir(env), name)
  try {
    return readFileSync(file, "utf8").trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ENOENT") return null
    throw new Error(`cannot read ${file}: ${code === "EACCES" ? "it belongs to another user" : code}`, { cause: error })
  }
}

const isLoopback = (host: string) => host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host)
