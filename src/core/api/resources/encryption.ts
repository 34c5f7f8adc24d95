import { z } from "zod"

const KeyId = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, "must be the id of an encryption key, such as k2")

export const Encryption = z
  .object({
    current_key: z.string().meta({ description: "The id of the key that encrypts: the first of `ENCRYPTION_KEYS`." }),
    keys: z.array(
      z.object({
        id: z.string(),
        configured: z.boolean().meta({ description: "Whether this gateway has the key." }),
        values: z.int().meta({
          description: "How many stored values need the key. At 0 it can be removed, if no process encrypts with it.",
        }),
      }),
    ),
  })
  .meta({ id: "Encryption", description: "The keys that encrypt secrets and tokens in the database." })
export type Encryption = z.infer<typeof Encryption>

export const Reencrypt = z
  .strictObject({
    key: KeyId.meta({
      description: "The `current_key`; a gateway that encrypts with another one refuses the request.",
    }),
  })
  .meta({ id: "Reencrypt" })

export const Reencrypted = z
  .object({
    changed: z.int().meta({ description: "Rows that are encrypted with the current key now." }),
    unreadable_count: z.int(),
    unreadable: z
      .array(
        z.object({
          kind: z.enum(["setting", "app", "connection", "endpoint", "idempotent_response"]),
          id: z.string().meta({ description: "Of an idempotent response: its customer." }),
        }),
      )
      .meta({ description: "Up to 100 rows that cannot be decrypted, because a key is missing or wrong." }),
    done: z.boolean().meta({ description: "false: there is more; send the request again." }),
  })
  .meta({ id: "Reencrypted" })
export type Reencrypted = z.infer<typeof Reencrypted>
