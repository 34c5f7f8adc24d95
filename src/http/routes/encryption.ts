import { AppError } from "../../core/api/problem.ts"
import { Encryption, Reencrypt, Reencrypted } from "../../core/api/resources/encryption.ts"
import type { EncryptionStore } from "../../core/api/stores/encryption.ts"
import type { Routes } from "../routing/route.ts"

/** About a second of work, so that a client can show progress and stop at any time. */
const ROWS_PER_REQUEST = 500

export function encryptionRoutes(routes: Routes, { encryption }: { encryption: EncryptionStore }): void {
  routes.operator({
    method: "GET",
    url: "/v1/encryption",
    operation: "getEncryption",
    summary: "Show what each encryption key is needed for",
    response: Encryption,
    handle: () => encryption.state(),
  })

  routes.operator({
    method: "POST",
    url: "/v1/encryption/reencrypt",
    operation: "reencrypt",
    summary: "Encrypt stored values again with the current key",
    description:
      `Handles up to ${ROWS_PER_REQUEST} rows. Repeat it until \`done\`: then the other keys can be removed. It can be ` +
      "stopped and repeated at any time.",
    body: Reencrypt,
    response: Reencrypted,
    async handle({ body }) {
      const { current_key: current } = await encryption.state()
      if (body.key !== current) {
        throw new AppError(
          "encryption_key_differs",
          `This gateway encrypts with "${current}". Start all processes with the same first key in ENCRYPTION_KEYS.`,
        )
      }
      return encryption.reencrypt(ROWS_PER_REQUEST)
    },
  })
}
