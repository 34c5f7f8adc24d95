const WORDS = "change|replace|insert|enter|put|your|example|sample|dummy|placeholder|todo|fixme"
const NAMES =
  "secret|password|token|key|adminkey|appsecret|metaappsecret|verifytoken|metaverifytoken|none|null|undefined|test"
const PATTERNS = [
  // "replace-this", "changeme", "your-app-secret"
  new RegExp(`^(?:${WORDS})(?:$|[^a-z]|me|it|this|with|here|app|admin|meta|secret|token|key|password)`),
  new RegExp(`^(?:${NAMES})$`),
  /replace[-_ ]?(?:this|me)|change[-_ ]?(?:this|me|it)/,
  // "<app secret>", "${SECRET}", "…", "xxxx"
  /^<.*>$|^\$|^(.)\1+$|…/,
]

/** Is a secret one of an example, which everybody knows, rather than one of its own? */
export function isPlaceholder(secret: string): boolean {
  const text = secret.trim().toLowerCase()
  const name = text.replaceAll(/[-_ ]/g, "")
  return PATTERNS.some((pattern) => pattern.test(text) || pattern.test(name))
}
