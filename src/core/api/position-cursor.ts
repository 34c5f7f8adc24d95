import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto"

/** The lists of events: newest first, and oldest first with a position from which to continue later. */
export type PositionList = "events" | "following"

export interface PositionCursors {
  /** @param position the number of an event among those of all customers, which nobody may learn */
  encode(list: PositionList, customerId: string, position: string): string
  /** @returns null if the text is not a cursor of this list and customer */
  decode(list: PositionList, customerId: string, cursor: string): string | null
}

const MAC_BYTES = 16
const POSITION_BYTES = 8

/**
 * Cursors that contain a position encrypted, so that they do not show how many events an installation receives. The
 * code that authenticates the position is also the nonce, so equal positions have equal cursors, as with AES-SIV (RFC
 * 5297).
 *
 * @param secret shared by all gateways, and kept as long as clients keep cursors
 */
export function createPositionCursors(secret: Uint8Array): PositionCursors {
  const keyFor = (use: string) => createHmac("sha256", secret).update(`cursor ${use}`).digest()
  const [macKey, encryptionKey] = [keyFor("authentication"), keyFor("encryption")]
  const macOf = (list: PositionList, customerId: string, position: Buffer) =>
    createHmac("sha256", macKey).update(`${list}:${customerId}:`).update(position).digest().subarray(0, MAC_BYTES)

  return {
    encode(list, customerId, position) {
      const plain = Buffer.alloc(POSITION_BYTES)
      plain.writeBigUInt64BE(BigInt(position))
      const mac = macOf(list, customerId, plain)
      const sealed = createCipheriv("aes-256-ctr", encryptionKey, mac).update(plain)
      return Buffer.concat([mac, sealed]).toString("base64url")
    },
    decode(list, customerId, cursor) {
      const bytes = Buffer.from(cursor, "base64url")
      if (bytes.length !== MAC_BYTES + POSITION_BYTES || bytes.toString("base64url") !== cursor) return null
      const mac = bytes.subarray(0, MAC_BYTES)
      const plain = createDecipheriv("aes-256-ctr", encryptionKey, mac).update(bytes.subarray(MAC_BYTES))
      return timingSafeEqual(mac, macOf(list, customerId, plain)) ? String(plain.readBigUInt64BE()) : null
    },
  }
}
