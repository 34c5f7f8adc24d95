import { createHmac } from "node:crypto"
import fc from "fast-check"
import { Webhook } from "standardwebhooks"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import {
  createEndpointSecret,
  prepareSecrets,
  signWebhook,
  verifyMetaSignature,
} from "../../../src/core/delivery/signature.ts"

describe("Meta's signature", () => {
  const SECRET = "test_app_secret"
  const BODY = Buffer.from('{"object":"whatsapp_business_account","entry":[]}')
  const DIGEST = "dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756"

  /** Made with openssl. The second body has different whitespace; the third has escapes that must stay unchanged. */
  test.each([
    [BODY.toString(), DIGEST],
    [
      '{"object": "whatsapp_business_account", "entry": []}',
      "56cbbaf4961c6cfdae48b7f116c047e5eb513d2c931baae63a2bc1afd26f803a",
    ],
    [String.raw`{"a":"\u00e4\u00f6\u00e5"}`, "f9c2d04683faad944fa1bd4137c54dc350a84e90daea48d3d340deabd7840c44"],
  ])("is valid for %s", (body, digest) => {
    expect(verifyMetaSignature(Buffer.from(body), `sha256=${digest}`, [SECRET])).toBe("valid")
  })

  test("covers the bytes, whether they are text or not", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ minLength: 1 }), (body, secret) => {
        const digest = createHmac("sha256", secret).update(body).digest("hex")
        expect(verifyMetaSignature(body, `sha256=${digest}`, [secret])).toBe("valid")
        expect(verifyMetaSignature(Buffer.concat([body, Buffer.from(" ")]), `sha256=${digest}`, [secret])).toBe(
          "mismatch",
        )
      }),
    )
  })

  test("may be made with any of the live secrets", () => {
    expect(verifyMetaSignature(BODY, `sha256=${DIGEST}`, ["newer", SECRET])).toBe("valid")
    expect(verifyMetaSignature(BODY, `sha256=${DIGEST}`, [SECRET, "older"])).toBe("valid")
    expect(verifyMetaSignature(BODY, `sha256=${DIGEST}`, ["newer", "older"])).toBe("mismatch")
    expect(verifyMetaSignature(BODY, `sha256=${DIGEST}`, [])).toBe("mismatch")
  })

  test.each([
    ["no header", undefined, "missing"],
    ["an empty header", "", "missing"],
    ["the legacy form", "sha1=3e9f0f6e0f2f2d3c1c8a5b8e1d7c0a4b9f8e7d6c", "malformed"],
    ["no algorithm", DIGEST, "malformed"],
    ["no digest", "sha256=", "malformed"],
    ["a digest cut short", `sha256=${DIGEST.slice(0, -1)}`, "malformed"],
    ["a digest too long", `sha256=${DIGEST}0`, "malformed"],
    ["upper case", `sha256=${DIGEST.toUpperCase()}`, "malformed"],
    ["what is not hex", `sha256=${DIGEST.slice(0, -1)}g`, "malformed"],
    ["a line end", `sha256=${DIGEST}\n`, "malformed"],
    ["two values", `sha256=${DIGEST}, sha256=${DIGEST}`, "malformed"],
    ["another digest", `sha256=${"0".repeat(64)}`, "mismatch"],
  ] as const)("with %s has its own result", (_name, header, expected) => {
    expect(verifyMetaSignature(BODY, header, [SECRET])).toBe(expected)
  })
})

describe("a signed webhook", () => {
  test("has the signature of the specification's own example", () => {
    const content = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestampS: 1614265330, body: '{"test": 2432232314}' }
    const secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    const signature = signWebhook({ ...content, secrets: [secret] })
    expect(signature).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    vi.useFakeTimers({ now: content.timestampS * 1000, toFake: ["Date"] })
    onTestFinished(() => void vi.useRealTimers())
    const headers = {
      "webhook-id": content.id,
      "webhook-timestamp": String(content.timestampS),
      "webhook-signature": signature,
    }
    expect(new Webhook(secret).verify(content.body, headers)).toEqual({ test: 2432232314 })
  })

  const aSecret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(createEndpointSecret)
  const timestampS = Math.floor(Date.now() / 1000)

  test("is accepted by every receiver that holds one of its secrets", () => {
    const secrets = fc.array(aSecret, { minLength: 1, maxLength: 5 })
    // V8 may parse an escaped key differently the second time; see src/core/json/json-keys.ts.
    const body = fc.json().filter((text) => text.isWellFormed() && !/\\.[^"\\]*":/.test(text))
    fc.assert(
      fc.property(secrets, body, (given, text) => {
        const signature = signWebhook({ id: "evt_1", timestampS, body: text, secrets: prepareSecrets(given) })
        const headers = {
          "webhook-id": "evt_1",
          "webhook-timestamp": String(timestampS),
          "webhook-signature": signature,
        }
        for (const secret of given) expect(new Webhook(secret).verify(text, headers)).toEqual(JSON.parse(text))
        expect(signWebhook({ id: "evt_1", timestampS, body: text, secrets: given })).toBe(signature)
      }),
    )
  })

  test("is refused with another secret, id, time or body", () => {
    const secret = createEndpointSecret(Buffer.alloc(32, 1))
    const signature = signWebhook({ id: "evt_1", timestampS, body: "{}", secrets: [secret] })
    const headers = { "webhook-id": "evt_1", "webhook-timestamp": String(timestampS), "webhook-signature": signature }
    const receiver = new Webhook(secret)
    const stranger = new Webhook(createEndpointSecret(Buffer.alloc(32, 2)))
    expect(() => stranger.verify("{}", headers)).toThrow()
    expect(() => receiver.verify("{ }", headers)).toThrow()
    expect(() => receiver.verify("{}", { ...headers, "webhook-id": "evt_2" })).toThrow()
    expect(() => receiver.verify("{}", { ...headers, "webhook-timestamp": String(timestampS + 1) })).toThrow()
  })
})

describe("an endpoint secret", () => {
  test("is `whsec_` followed by 32 bytes in base64", () => {
    expect(createEndpointSecret(Buffer.alloc(32, 255))).toBe(`whsec_${"/".repeat(42)}8=`)
    expect(() => createEndpointSecret(Buffer.alloc(31))).toThrow(RangeError)
  })

  test("is decoded with and without its prefix, and never empty", () => {
    const [withPrefix, without] = prepareSecrets(["whsec_AQID", "AQID"])
    expect(withPrefix).toEqual(Buffer.from([1, 2, 3]))
    expect(without).toEqual(withPrefix)
    expect(() => prepareSecrets(["whsec_"])).toThrow(RangeError)
  })
})
