import { timingSafeEqual } from "node:crypto"
import { prepareSecrets, signWebhook } from "../../core/delivery/signature.ts"

/** A request as it was received. Header names in lower case. */
interface Received {
  headers: Readonly<Record<string, string>>
  body: string
  secret: string
  nowMs: number
}

interface Explanation {
  genuine: boolean
  /** One sentence each, the most telling first. */
  lines: string[]
}

const NEEDED = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const
/** Receivers refuse what is further away from now. */
const TOLERANCE_S = 300

/** Says whether a signature is the secret's over id, timestamp and body, and if not, which common mistake explains it. */
export function explainSignature({ headers, body, secret, nowMs }: Received): Explanation {
  const missing = NEEDED.filter((name) => !headers[name])
  if (missing.length > 0) return no(`the headers lack ${missing.join(", ")}`)
  const [id = "", timestamp = "", signature = ""] = NEEDED.map((name) => headers[name])
  if (!/^\d+$/.test(timestamp)) return no(`webhook-timestamp is "${timestamp}"; it must be whole Unix seconds`)
  const given = signature.split(" ").filter((part) => part.startsWith("v1,"))
  if (given.length === 0) return no("webhook-signature holds no signature of version v1, such as v1,K5oZfz…")
  const key = keyOf(secret)
  if (!key) return no("the secret is not one of an endpoint's: it must be whsec_ and base64")
  const timestampS = Number(timestamp)
  const signs = (text: string, by: Uint8Array) =>
    given.findIndex((part) => same(part, signWebhook({ id, timestampS, body: text, secrets: [by] })))

  const at = signs(body, key)
  const age = ageOf(timestampS, nowMs)
  if (at >= 0) return { genuine: true, lines: [`the signature matches${position(at, given.length)}`, ...age] }
  const mistake = mistakes(body, secret).find(({ text, by }) => signs(text ?? body, by ?? key) >= 0)
  if (mistake) return { genuine: false, lines: [mistake.says, ...age] }
  return { genuine: false, lines: [...UNEXPLAINED, ...age] }
}

const UNEXPLAINED = [
  "no signature is this secret's over webhook-id, webhook-timestamp and these bytes",
  "the secret may be another endpoint's, or have been rotated, or the body may not be the bytes that were received",
]

interface Mistake {
  text?: string
  by?: Uint8Array
  says: string
}

function mistakes(body: string, secret: string): Mistake[] {
  const bare = secret.replace(/^whsec_/, "")
  return [
    { text: body.replace(/\r?\n$/, ""), says: "it matches without the line break at the end of the file" },
    { text: `${body}\n`, says: "it matches with a line break at the end, which the file lacks" },
    { text: body.replaceAll("\r\n", "\n"), says: "it matches with \\n in place of \\r\\n: the file was converted" },
    { text: body.replace(/^\ufeff/, ""), says: "it matches without the byte order mark that the file begins with" },
    {
      text: printed(body),
      says: "it matches the body printed as compact JSON: check the raw bytes, before any parser",
    },
    { by: Buffer.from(secret), says: "it was made with the secret's text as the key; the key is base64 after whsec_" },
    { by: Buffer.from(bare), says: "it was made with the text after whsec_ as the key, without decoding base64" },
  ]
}

function printed(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body))
  } catch {
    return body
  }
}

function keyOf(secret: string): Uint8Array | undefined {
  try {
    return prepareSecrets([secret])[0]
  } catch {
    return undefined
  }
}

function ageOf(timestampS: number, nowMs: number): string[] {
  const age = Math.round(nowMs / 1000) - timestampS
  if (Math.abs(age) <= TOLERANCE_S) return []
  const where = age > 0 ? "old" : "in the future"
  return [`by now it is ${Math.abs(age)} s ${where}; receivers should refuse more than ${TOLERANCE_S} s`]
}

function position(index: number, count: number): string {
  return count > 1 ? ` (number ${index + 1} of ${count}; each live secret signs)` : ""
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

const no = (line: string): Explanation => ({ genuine: false, lines: [line] })
