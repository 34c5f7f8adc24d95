import { createHmac } from "node:crypto"
import { describe, expect, it } from "vitest"
import { explainSignature } from "../../src/cli/output/explain-signature.ts"
import { createEndpointSecret, signWebhook } from "../../src/core/delivery/signature.ts"

const secret = createEndpointSecret(new Uint8Array(32).fill(7))
const other = createEndpointSecret(new Uint8Array(32).fill(8))
const timestampS = 1_747_231_893
const body = '{"text": "größer 🦄"}'

const headersFor = (signature: string) => ({
  "webhook-id": "evt_1",
  "webhook-timestamp": String(timestampS),
  "webhook-signature": signature,
})
const sign = (text: string, secrets: (string | Uint8Array)[]) =>
  headersFor(signWebhook({ id: "evt_1", timestampS, body: text, secrets }))
const explain = (given: Partial<Parameters<typeof explainSignature>[0]>) =>
  explainSignature({ headers: sign(body, [secret]), body, secret, nowMs: timestampS * 1000, ...given })

describe("a signature", () => {
  it("matches", () => {
    expect(explain({})).toEqual({ genuine: true, lines: ["the signature matches"] })
  })

  it("matches with any live secret during a rotation", () => {
    const { genuine, lines } = explain({ headers: sign(body, [other, secret]) })
    expect([genuine, lines[0]]).toEqual([true, "the signature matches (number 2 of 2; each live secret adds one)"])
  })

  it("matches although it is old, with a note about its age", () => {
    const { genuine, lines } = explain({ nowMs: (timestampS + 3600) * 1000 })
    expect(genuine).toBe(true)
    expect(lines[1]).toBe("the timestamp is now 3600 s old; receivers should refuse more than 300 s")
  })

  it.each([
    [
      "a header is missing",
      { headers: { "webhook-id": "evt_1" } },
      /missing headers: webhook-timestamp, webhook-signature/,
    ],
    [
      "the timestamp is not a number",
      { headers: { ...sign(body, [secret]), "webhook-timestamp": "now" } },
      /Unix time in whole seconds/,
    ],
    ["the version is unknown", { headers: headersFor("v2,abc") }, /no v1 signature/],
    ["the secret is empty", { secret: "whsec_" }, /whsec_ followed by base64/],
    ["the secret is another endpoint's", { secret: other }, /no signature matches this secret/],
    ["the body is a different one", { body: "{}" }, /no signature matches this secret/],
    ["the file has an extra line break", { body: `${body}\n` }, /without the line break/],
    ["the file lacks a line break", { headers: sign(`${body}\n`, [secret]) }, /with a line break/],
    ["the line breaks were converted", { headers: sign("{\n}", [secret]), body: "{\r\n}" }, /converted/],
    ["the file has a byte order mark", { body: `\ufeff${body}` }, /byte order mark/],
    [
      "the body was parsed and serialized again",
      { headers: sign('{"a":1}', [secret]), body: '{ "a": 1 }' },
      /before any parser/,
    ],
    [
      "the text of the secret was the key",
      { headers: sign(body, [Buffer.from(secret)]) },
      /signed with the text of the secret/,
    ],
    ["base64 was not decoded", { headers: sign(body, [Buffer.from(secret.slice(6))]) }, /without decoding/],
    [
      "only the body was signed",
      { headers: headersFor(`v1,${createHmac("sha256", "x").update(body).digest("base64")}`) },
      /no signature/,
    ],
  ])("does not match when %s", (_name, given, explanation) => {
    const { genuine, lines } = explain(given)
    expect(genuine).toBe(false)
    expect(lines[0]).toMatch(explanation)
  })
})
