import { createHmac, hash } from "node:crypto"

/** Crockford's base32 in lower case: no look-alikes (i, l, o, u), and case does not matter. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
/** Encodes two digits at a time: each event needs several ids. */
const PAIRS = Array.from({ length: 1024 }, (_, i) => `${ALPHABET[i >> 5]}${ALPHABET[i & 31]}`)
const SEPARATOR = "\x1f"
/** A reused buffer for the 16 bytes of one id. */
const octets = Buffer.alloc(16)

export function crockford(bytes: Uint8Array): string {
  let text = ""
  let value = 0
  let bits = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    if (bits < 10) continue
    bits -= 10
    text += PAIRS[value >>> bits]
    value &= (1 << bits) - 1
  }
  if (bits > 5) return text + PAIRS[value << (10 - bits)]
  return bits > 0 ? text + ALPHABET[value << (5 - bits)] : text
}

/** Identifies an event, however often and in whatever batch Meta sends it. */
export interface EventKey {
  platform: string
  pageId: string
  event: string
  /** What identifies the item on the platform: a mid, a wamid and its state, a watermark … */
  native: string
}

/** `evt_` + 26 characters. The same for every redelivery of the item, whatever route or batch it came in. */
export function eventId(key: EventKey): string {
  const text = ["evt", "1", key.platform, key.pageId, key.event, key.native].join(SEPARATOR)
  // As text, since allocating a buffer for every digest costs more than the digest.
  octets.write(hash("sha256", text, "latin1"), "latin1")
  return `evt_${crockford(octets)}`
}

const CONVERSATION_PREFIX = { facebook: "fb", instagram: "ig", whatsapp: "wa" } as const

export interface ConversationKey {
  customerId: string
  platform: keyof typeof CONVERSATION_PREFIX
  pageId: string
  /** PSID, IGSID, group id, or the canonical WhatsApp id of the contact. */
  contact: string
}

/**
 * `conv_fb_…`, `conv_ig_…`, `conv_wa_…`. Keyed with the instance's secret, since a plain hash of a phone number could
 * be reversed by enumeration, and bound to the customer, so that two customers cannot recognize the same person.
 */
export function conversationId(instanceKey: Uint8Array, key: ConversationKey): string {
  const text = ["conv", "1", key.customerId, key.platform, key.pageId, key.contact].join(SEPARATOR)
  const mac = createHmac("sha256", instanceKey).update(text).digest().subarray(0, 16)
  return `conv_${CONVERSATION_PREFIX[key.platform]}_${crockford(mac)}`
}

/** Ids of everything but events and conversations. They sort by creation time, so inserts go to the end of an index. */
export function timeOrderedId(prefix: string, nowMs: number, random: Uint8Array): string {
  for (let i = 5, rest = nowMs; i >= 0; i--, rest = Math.floor(rest / 256)) octets[i] = rest % 256
  for (let i = 0; i < 10; i++) octets[6 + i] = random[i] ?? 0
  return `${prefix}_${crockford(octets)}`
}

/** The smallest id that `timeOrderedId` can return at this time: the bound of a partition. */
export function firstIdAt(prefix: string, ms: number): string {
  return timeOrderedId(prefix, ms, new Uint8Array(10))
}
