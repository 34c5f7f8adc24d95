import type { Platform } from "./world.ts"

/** Builds a body of about the given number of bytes. */
export interface Sized {
  platform: Platform
  mb: number
  build(bytes: number): string
}

const DEPTH = 180

const repeat = (piece: string, bytes: number) =>
  Array(Math.max(1, Math.floor(bytes / (piece.length + 1))))
    .fill(piece)
    .join(",")

const page = (items: string) =>
  `{"object":"page","entry":[{"id":"108742000000311","time":1767168240123,"messaging":[${items}]}]}`

const item = (message: string) =>
  `{"sender":{"id":"6021000000004417"},"recipient":{"id":"108742000000311"},"timestamp":1767168240123,"message":${message}}`

const whatsapp = (value: string) =>
  `{"object":"whatsapp_business_account","entry":[{"id":"1048","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1096"},${value}}}]}]}`

function many(count: number, bytes: number, of: (index: number, size: number) => string): string {
  return Array.from({ length: count }, (_, index) => of(index, Math.floor(bytes / count))).join(",")
}

/** Bodies crafted to cost more than their size suggests; at half the size each contains half of everything. */
export const ADVERSARIAL: Readonly<Record<string, Sized>> = {
  "1,000 messages": {
    platform: "facebook",
    mb: 3,
    build: (bytes) =>
      page(
        many(bytes / 3_000, bytes, (index, size) => item(`{"mid":"m_${index}","text":"${"x".repeat(size - 160)}"}`)),
      ),
  },
  "20,000 small messages": {
    platform: "facebook",
    mb: 4,
    build: (bytes) => page(many(bytes / 200, bytes, (index) => item(`{"mid":"m_${index}","text":"hello, hello, hi"}`))),
  },
  "messages and contacts, each for each": {
    platform: "whatsapp",
    mb: 4,
    build(bytes) {
      const count = bytes / 400
      const contacts = many(count, 0, (index) => `{"wa_id":"1650${index}","profile":{"name":"${"n".repeat(150)}"}}`)
      const messages = many(
        count,
        0,
        (i) => `{"from":"1650${i}","id":"wamid.${i}","type":"text","text":{"body":"${"x".repeat(120)}"}}`,
      )
      return whatsapp(`"contacts":[${contacts}],"messages":[${messages}]`)
    },
  },
  "one contact of all, for every message": {
    platform: "whatsapp",
    mb: 4,
    build(bytes) {
      const messages = many(
        bytes / 400,
        0,
        (i) => `{"from":"1650","id":"wamid.${i}","type":"text","text":{"body":"hello"}}`,
      )
      return whatsapp(`"contacts":[{"wa_id":"1650","name":"${"n".repeat(bytes * 0.8)}"}],"messages":[${messages}]`)
    },
  },
  "nested nearly too deep, again and again": {
    platform: "facebook",
    mb: 4,
    build: (bytes) => page(item(`{"mid":"m","deep":[${repeat("[".repeat(DEPTH) + "]".repeat(DEPTH), bytes)}]}`)),
  },
  "one text": {
    platform: "facebook",
    mb: 4,
    build: (bytes) => page(item(`{"mid":"m","text":"${"x".repeat(bytes)}"}`)),
  },
  "one text of quotes and backslashes": {
    platform: "facebook",
    mb: 4,
    build: (bytes) => page(item(`{"mid":"m","text":"${'\\\\\\"[{'.repeat(bytes / 6)}"}`)),
  },
  "one number": {
    platform: "facebook",
    mb: 4,
    build: (bytes) => page(item(`{"mid":${"9".repeat(bytes)}}`)),
  },
  "numbers that JavaScript cannot hold": {
    platform: "facebook",
    mb: 4,
    build: (bytes) => page(item(`{"mid":"m","numbers":[${repeat("90071992547409931", bytes)}]}`)),
  },
  "unknown keys, each another": {
    platform: "instagram",
    mb: 4,
    build: (bytes) => page(`{${many(bytes / 16, 0, (index) => `"k${String(index).padStart(8, "0")}":1`)}}`),
  },
  "__proto__, again and again": {
    platform: "facebook",
    mb: 4,
    build: (bytes) => page(item(`{"mid":"m",${repeat('"__proto__":{"mid":1}', bytes)}}`)),
  },
  "an unknown item": {
    platform: "facebook",
    mb: 4,
    build: (bytes) => page(`{"sparkle":[${repeat('{"b":1,"a":"2"}', bytes)}]}`),
  },
}
