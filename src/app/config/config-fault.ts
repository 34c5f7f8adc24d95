/** Values that are never repeated. A new variable that holds a secret belongs here. */
const SECRET = new Set(["ADMIN_KEY", "ENCRYPTION_KEYS", "META_APP_SECRET", "META_VERIFY_TOKEN"])
/** URLs are repeated without user, password and query, since the query may hold a password too. */
const URLS = new Set(["PUBLIC_URL", "DATABASE_URL", "REDIS_URL"])
const LONGEST = 200

const HOST = String.raw`(?:[\w.-]+|\[[\w:.%]+\])(?::\d{1,5})?`
/** A URL that does not match, for example because its password has an unescaped `/` or `@`, is not repeated at all. */
const URL_PARTS = new RegExp(`^([a-z]+://)?(?:[^@/?#]*@)?((?:${HOST}(?:,${HOST})*)?(?:/[^@?#]*)?)([?#][^@]*)?$`, "i")

/**
 * One line for the operator: the variable, what is allowed, and the value given.
 *
 * @param message continues a sentence that begins with the variable's name
 */
export function configFault(name: string, message: string, value: string | undefined): string {
  const repeated = value === undefined ? undefined : repeatable(name, value)
  return `${name} ${message}${repeated === undefined ? "" : `; it is ${JSON.stringify(shortened(repeated))}`}`
}

function repeatable(name: string, value: string): string | undefined {
  if (SECRET.has(name)) return undefined
  if (!URLS.has(name)) return value
  const parts = URL_PARTS.exec(value)
  if (!parts) return undefined
  const [, scheme = "", hostAndPath, query] = parts
  return `${scheme}${hostAndPath}${query === undefined ? "" : `${query[0]}…`}`
}

const shortened = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
