import type { Encryption, Reencrypted } from "../resources/encryption.ts"

export type UnreadableValue = Reencrypted["unreadable"][number]

/** What the encryption keys are needed for. */
export interface EncryptionStore {
  state(): Promise<Encryption>
  /**
   * Encrypts values with the current key that another key encrypted, up to `max` rows. May run at any time and in
   * several processes: a value that changes meanwhile is left to the next call.
   */
  reencrypt(max: number): Promise<Reencrypted>
}
