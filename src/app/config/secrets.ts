import { join } from "node:path"
import { parseAdminKey } from "../../core/api/admin-keys.ts"
import type { Config } from "./config.ts"
import { createdSecret, damaged, lockDataDir, newAdminKey, newEncryptionKey, newToken } from "./data-directory.ts"
import { parseEncryptionKey } from "./secret-values.ts"

/**
 * The installation's own secrets. With a database the operator configures them; an embedded instance creates them in
 * its data directory, which it locks for itself.
 */
export function openSecrets(config: Config, onClose: (close: () => void) => void) {
  const { store, dataDir, metaApp } = config
  if (store.kind === "postgres") {
    const { secrets, verifyToken } = metaApp
    return {
      adminKeys: config.adminKeys ?? [],
      encryptionKeys: config.encryptionKeys ?? [],
      defaultApp: secrets && verifyToken ? { secrets, verifyToken } : undefined,
    }
  }
  const lock = lockDataDir(dataDir)
  onClose(() => lock.release())
  const keys =
    config.encryptionKeys ??
    createdSecret(dataDir, "encryption-keys", newEncryptionKey).split(",").map(parseEncryptionKey)
  if (keys.includes(undefined)) throw damaged(join(dataDir, "encryption-keys"))
  return {
    adminKeys: config.adminKeys ?? [parseAdminKey(createdSecret(dataDir, "admin-key", newAdminKey))],
    encryptionKeys: keys.filter((key) => key !== undefined),
    defaultApp: {
      secrets: metaApp.secrets ?? [createdSecret(dataDir, "meta-app-secret", newToken)],
      verifyToken: metaApp.verifyToken ?? createdSecret(dataDir, "meta-verify-token", newToken),
    },
  }
}
