import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { verifyMetaSignature } from "../../src/core/delivery/signature.ts"
import { addTenant, type Instance, messengerText, postWebhook, type Tenant } from "../support/onehook.ts"
import { genuineInPython, hasPython } from "../support/python.ts"
import { type Receiver, startReceiver, verified } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"

test.skipIf(!hasPython)("the example of the specification verifies in Python, only at its time and unmodified", () => {
  const headers = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  }
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  const given = ['{"test": 2432232314}', '{"test":2432232314}'].map((body) => ({ received: { headers, body }, secret }))
  expect(genuineInPython(given, 1_614_265_330)).toEqual([true, false])
  expect(genuineInPython(given, 1_614_265_931)).toEqual([false, false])
})

describeSizes(
  "secrets",
  (size) => {
    let installation: Installation
    let gateway: Instance
    let receiver: Receiver
    let tenant: Tenant

    beforeAll(async () => {
      installation = await size.install()
      gateway = await installation.startAll()
      receiver = await startReceiver()
      tenant = await addTenant(gateway.url, { url: receiver.url, hub_signature: true })
    })
    afterAll(async () => {
      await installation?.remove()
      await receiver?.close()
    })

    async function delivered(mid: string) {
      await postWebhook(gateway.url, messengerText(tenant.pageId, mid, "größer 🦄"))
      return receiver.get(({ body }) => body.includes(mid))
    }
    const at = () => `/v1/endpoints/${tenant.endpointId}`
    const rotate = async () =>
      (await tenant.call<{ secret: string }>("POST", `${at()}/rotate-secret`, { overlap_hours: 1 })).secret

    describe.skipIf(!hasPython)("verified in Python", () => {
      test("a rotation leaves no gap: each live secret verifies, and no other", async () => {
        const before = await delivered("m_before")
        const second = await rotate()
        const during = await delivered("m_during")
        const third = await rotate()
        const later = await delivered("m_later")
        await tenant.call("POST", `${at()}/revoke-secrets`)
        const after = await delivered("m_after")

        const secrets = [tenant.secret, second, third]
        const seen = [before, during, later, after].map((received) =>
          genuineInPython(secrets.map((secret) => ({ received, secret }))),
        )
        expect(seen).toEqual([
          [true, false, false],
          [true, true, false],
          [true, true, true],
          [false, false, true],
        ])
        for (const received of [during, later]) verified(received, second)
        const tampered = { ...before, body: `${before.body} ` }
        expect(genuineInPython([{ received: tampered, secret: tenant.secret }])).toEqual([false])

        const asMeta = (received: typeof before, secret: string) =>
          verifyMetaSignature(Buffer.from(received.body), String(received.headers["x-hub-signature-256"]), [secret])
        expect(asMeta(before, tenant.secret)).toBe("valid")
        expect(asMeta(later, tenant.secret)).toBe("valid")
        expect(asMeta(after, third)).toBe("valid")
      })
    })
  },
  ({ apart }) => !apart,
)
