import { createHmac, timingSafeEqual } from "node:crypto"

type MetaSignature = "valid" | "missing" | "malformed" | "mismatch"

/**
 * Checks `X-Hub-Signature-256` over the body exactly as received.
 *
 * - shape: `sha256=` and 64 lowercase hex digits, an HMAC with the app secret; the legacy `sha1=` form is malformed
 * - several live secrets: the body may be signed with any of them
 * - time: each comparison is constant-time; which secret matched is not hidden
 * - source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
 */
export function verifyMetaSignature(
  body: Uint8Array,
  header: string | undefined,
  secrets: readonly string[],
): MetaSignature {
  if (header === undefined || header === "") return "missing"
  if (header.length !== META_SIGNATURE_LENGTH) return "malformed"
  const given = Buffer.from(header, "latin1")
  const matches = (secret: string) => {
    const expected = `${META_PREFIX}${createHmac("sha256", secret).update(body).digest("hex")}`
    return timingSafeEqual(Buffer.from(expected, "latin1"), given)
  }
  if (secrets.some(matches)) return "valid"
  return META_SIGNATURE.test(header) ? "mismatch" : "malformed"
}

const META_PREFIX = "sha256="
const META_SIGNATURE = /^sha256=[0-9a-f]{64}$/
const META_SIGNATURE_LENGTH = 71

const SECRET_PREFIX = "whsec_"

/** Endpoint secrets as HMAC keys. Decode once and keep them: signing is hot. Throws `RangeError` on an empty secret. */
export function prepareSecrets(secrets: readonly string[]): Buffer[] {
  return secrets.map((secret) => {
    const key = Buffer.from(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret, "base64")
    if (key.length === 0) throw new RangeError("an endpoint secret is empty or not base64")
    return key
  })
}

interface SignedContent {
  /** The event's id, the same in every attempt. */
  id: string
  /** The attempt's time, Unix seconds. */
  timestampS: number
  /** The exact text that is sent. */
  body: string
  /** `whsec_…` texts or, faster, the keys from `prepareSecrets`. */
  secrets: readonly (string | Uint8Array)[]
}

/**
 * The value of `webhook-signature`: one `v1,<base64>` for each secret, separated by spaces.
 *
 * - source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signWebhook({ id, timestampS, body, secrets }: SignedContent): string {
  const content = `${id}.${timestampS}.${body}`
  let signatures = ""
  for (const secret of secrets) {
    const key = typeof secret === "string" ? prepareSecrets([secret])[0] : secret
    if (key === undefined) continue
    signatures += `${signatures && " "}v1,${createHmac("sha256", key).update(content).digest("base64")}`
  }
  return signatures
}

/**
 * The value of `x-hub-signature-256` in Meta's format, keyed with the secret's text, for handlers that check only that
 * header. It holds exactly one signature.
 */
export function signAsMeta(body: string, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`
}

/** `whsec_` + base64 of 32 random bytes. Throws `RangeError` if given another length. */
export function createEndpointSecret(random32: Uint8Array): string {
  if (random32.length !== 32) throw new RangeError(`an endpoint secret must be 32 bytes, got ${random32.length}`)
  return SECRET_PREFIX + Buffer.from(random32).toString("base64")
}
