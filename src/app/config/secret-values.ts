import { z } from "zod"
import { parseAdminKey } from "../../core/api/admin-keys.ts"
import { isCustomerKey } from "../../core/api/api-key.ts"
import { isPlaceholder } from "../../core/placeholder.ts"

const list = (value: string) =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")

export const CommaList = z.string().transform(list)

const ADMIN_KEY =
  "must be 32 to 500 visible ASCII characters, without spaces and commas, or <name>:<key>; several separated by commas"
const PLACEHOLDER = "is the placeholder of an example, which everybody knows; set a secret of your own"
/** Characters that an Authorization header can hold, see http/auth/auth.ts. */
const AdminKey = z
  .string()
  .transform(parseAdminKey)
  .superRefine(({ key }, context) => {
    const fault = adminKeyFault(key)
    if (fault !== undefined) context.addIssue(fault)
  })

/** Several admin keys may be live during a rotation. Their names tell them apart in the audit log. */
export const AdminKeys = CommaList.pipe(
  z
    .array(AdminKey)
    .min(1, ADMIN_KEY)
    .refine(
      (keys) => new Set(keys.map(({ name }) => name)).size === keys.length,
      "must give each key a name of its own, as in new:<key>,old:<key>",
    ),
)

function adminKeyFault(key: string): string | undefined {
  if (!/^[\x21-\x7e]{32,500}$/.test(key)) return ADMIN_KEY
  if (isCustomerKey(key)) return "must not begin with ohk_live_ or ohk_test_, as customers' keys do"
  return isPlaceholder(key) ? PLACEHOLDER : undefined
}

const ENCRYPTION_KEYS = "must be <id>:<base64 of 32 bytes>, several separated by commas"
export const EncryptionKeys = CommaList.pipe(
  z
    .array(
      z.string().transform((text, context) => {
        const key = parseEncryptionKey(text)
        if (key) return key
        context.addIssue(ENCRYPTION_KEYS)
        return z.NEVER
      }),
    )
    .min(1, ENCRYPTION_KEYS)
    .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, "must give each key an id of its own"),
)
export const Secrets = CommaList.pipe(
  z
    .array(z.string().refine((secret) => !isPlaceholder(secret), PLACEHOLDER))
    .min(1, "must be one secret, or several separated by commas"),
)
export const VerifyToken = z
  .string()
  .trim()
  .min(8, "must have at least 8 characters")
  .refine((token) => !isPlaceholder(token), PLACEHOLDER)

/** Parses `<id>:<base64 of 32 bytes>`; undefined if the text has another form. */
export function parseEncryptionKey(text: string): { id: string; key: Uint8Array } | undefined {
  const [, id = "", encoded = ""] = /^([\w-]{1,32}):(.+)$/.exec(text) ?? []
  const key = Buffer.from(encoded, "base64")
  return id !== "" && key.length === 32 ? { id, key } : undefined
}
