import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { createEndpointSecret, signWebhook } from "../../src/core/delivery/signature.ts"
import { genuineInPhp, hasPhp } from "../support/php.ts"
import { genuineInPython, hasPython } from "../support/python.ts"

const PAGE = join(import.meta.dirname, "../../docs/guides/receive-events.md")
const SECRET = createEndpointSecret(new Uint8Array(32).fill(7))
const OTHER = createEndpointSecret(new Uint8Array(32).fill(8))
const BODY = '{"text":"größer 🦄"}'

type Headers = Record<string, string>

function signed(timestampS: number, secrets = [SECRET]): Headers {
  return {
    "webhook-id": "evt_1",
    "webhook-timestamp": `${timestampS}`,
    "webhook-signature": signWebhook({ id: "evt_1", timestampS, body: BODY, secrets }),
  }
}

const without = (name: string) => Object.fromEntries(Object.entries(signed(now())).filter(([each]) => each !== name))
const now = () => Math.floor(Date.now() / 1000)

const REQUESTS: [what: string, genuine: boolean, headers: () => Headers, body?: string][] = [
  ["what Onehook sends", true, () => signed(now())],
  ["one that matches among several signatures", true, () => signed(now(), [OTHER, SECRET])],
  ["another body", false, () => signed(now()), `${BODY} `],
  ["another secret", false, () => signed(now(), [OTHER])],
  ["a signature of ten minutes ago", false, () => signed(now() - 600)],
  ["a signature of the future", false, () => signed(now() + 600)],
  ["no header", false, () => ({})],
  ["no id", false, () => without("webhook-id")],
  ["no time", false, () => without("webhook-timestamp")],
  ["no signature", false, () => without("webhook-signature")],
  ["a time that is no number", false, () => ({ ...signed(now()), "webhook-timestamp": "soon" })],
  ["a time of thousands of digits", false, () => ({ ...signed(now()), "webhook-timestamp": "9".repeat(5000) })],
  ["a time in other digits", false, () => ({ ...signed(now()), "webhook-timestamp": "١٧٠٠٠٠٠٠٠٠" })],
  ["an id that is not ASCII", false, () => ({ ...signed(now()), "webhook-id": "größer" })],
  ["a signature that is not ASCII", false, () => ({ ...signed(now()), "webhook-signature": "v1,größer" })],
  ["a signature that is no base64", false, () => ({ ...signed(now()), "webhook-signature": "v1,*** v1, ," })],
]

describe("the code of receivers in docs/guides/receive-events.md", () => {
  it.each(REQUESTS)("in JavaScript, given %s, says %s", async (_, genuine, headers, body = BODY) => {
    const [, code = ""] = /```js\n([\s\S]*?)```/.exec(readFileSync(PAGE, "utf8")) ?? []
    const { isGenuine } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
    expect(isGenuine(headers(), Buffer.from(body), SECRET)).toBe(genuine)
  })

  it.skipIf(!hasPython).each(REQUESTS)("in Python, given %s, says %s", (_, genuine, headers, body = BODY) => {
    const spellings = [headers(), capitalized(headers())]
    const requests = spellings.map((each) => ({ received: { headers: each, body }, secret: SECRET }))
    expect(genuineInPython(requests)).toEqual([genuine, genuine])
  })

  it.skipIf(!hasPhp).each(REQUESTS)("in PHP, given %s, says %s", (_, genuine, headers, body = BODY) => {
    expect(genuineInPhp(headers(), body, SECRET)).toEqual([genuine, genuine])
  })
})

/** As the plain dictionaries of some servers have them. */
function capitalized(headers: Headers): Headers {
  const capital = (name: string) => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [capital(name), value]))
}
