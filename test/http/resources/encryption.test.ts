import { expect, test } from "vitest"
import { describeApi, newCustomer } from "../harness.ts"

describeApi("encryption keys", (api) => {
  test("the operator sees what each key is needed for, and encrypts again with the current one", async () => {
    const { as } = await newCustomer(api())
    await as({ method: "POST", url: "/v1/endpoints", body: { url: "https://a.example" } })
    const shown = await api().asOperator({ url: "/v1/encryption" })
    expect(shown.body).toMatchObject({ current_key: "k1", keys: [{ id: "k1", configured: true }] })
    expect(shown.body.keys[0].values).toBeGreaterThan(0)
    const url = "/v1/encryption/reencrypt"
    const answer = await api().asOperator({ method: "POST", url, body: { key: "k1" } })
    expect(answer.body).toEqual({ changed: 0, unreadable_count: 0, unreadable: [], done: true })
  })

  test("a gateway with another current key refuses, so that two gateways do not undo each other's work", async () => {
    const answer = await api().asOperator({ method: "POST", url: "/v1/encryption/reencrypt", body: { key: "k2" } })
    expect(answer).toMatchObject({
      status: 409,
      body: { code: "encryption_key_differs", detail: expect.stringContaining('"k1"') },
    })
  })
})
