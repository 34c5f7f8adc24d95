import { timingSafeEqual } from "node:crypto"
import { prepareSecrets, signWebhook } from "../../core/delivery/signature.ts"

/** A received request. Header names are in lower case. */
interface Received {
  headers: Readonly<Record<string, string>>
  body: string
  secret: string
  nowMs: number
}

interface Explanation {
  genuine: boolean
  /** One sentence each, the most important first. */
  lines: string[]
}

const NEEDED = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const
/** Receivers refuse a timestamp that is further from the current time. */
const TOLERANCE_S = 300

/** Checks a signature over id, timestamp and body; if it does not match, tests which common mistake explains it. */
export function explainSignature({ headers, body, secret, nowMs }: Received): Explanation {
  const missing = NEEDED.filter((name) => !headers[name])
  if (missing.length > 0) return no(`missing headers: ${missing.join(", ")}`)
  const [id = "", timestamp = "", signature = ""] = NEEDED.map((name) => headers[name])
  if (!/^\d+$/.test(timestamp)) return no(`webhook-timestamp is "${timestamp}"; it must be Unix time in whole seconds`)
  const given = signature.split(" ").filter((part) => part.startsWith("v1,"))
  if (given.length === 0) return no("webhook-signature contains no v1 signature, such as v1,K5oZfz…")
  const key = keyOf(secret)
  if (!key) return no("the secret is not an endpoint secret: it must be whsec_ followed by base64")
  const timestampS = Number(timestamp)
  const signs = (text: string, by: Uint8Array) =>
    given.findIndex((part) => same(part, signWebhook({ id, timestampS, body: text, secrets: [by] })))

  const at = signs(body, key)
  const age = ageOf(timestampS, nowMs)
  if (at >= 0) return { genuine: true, lines: [`the signature matches${position(at, given.length)}`, ...age] }
  const mistake = mistakes(body, secret).find(({ text, by }) => signs(text ?? body, by ?? key) >= 0)
  if (mistake) return { genuine: false, lines: [mistake.explanation, ...age] }
  return { genuine: false, lines: [...UNEXPLAINED, ...age] }
}

const UNEXPLAINED = [
  "no signature matches this secret, webhook-id, webhook-timestamp and these bytes",
  "the secret may belong to another endpoint or have been rotated, or the body may differ from the received bytes",
]

interface Mistake {
  text?: string
  by?: Uint8Array
  explanation: string
}

function mistakes(body: string, secret: string): Mistake[] {
  const bare = secret.replace(/^whsec_/, "")
  return [
    { text: body.replace(/\r?\n$/, ""), explanation: "it matches without the line break at the end of the file" },
    { text: `${body}\n`, explanation: "it matches with a line break at the end, which the file lacks" },
    {
      text: body.replaceAll("\r\n", "\n"),
      explanation: "it matches with \\n instead of \\r\\n: the line breaks were converted",
    },
    {
      text: body.replace(/^\ufeff/, ""),
      explanation: "it matches without the byte order mark at the start of the file",
    },
    {
      text: compactJson(body),
      explanation: "it matches the body as compact JSON: verify the raw bytes, before any parser",
    },
    {
      by: Buffer.from(secret),
      explanation: "it was signed with the text of the secret; the key is the decoded base64 after whsec_",
    },
    { by: Buffer.from(bare), explanation: "it was signed with the text after whsec_, without decoding base64" },
  ]
}

function compactJson(body: string): string {
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
  return [`the timestamp is now ${Math.abs(age)} s ${where}; receivers should refuse more than ${TOLERANCE_S} s`]
}

function position(index: number, count: number): string {
  return count > 1 ? ` (number ${index + 1} of ${count}; each live secret adds one)` : ""
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

const no = (line: string): Explanation => ({ genuine: false, lines: [line] })
