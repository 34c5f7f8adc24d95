import { expect, test } from "vitest"
import type { IdempotencyClaim as Claim, StoredAnswer } from "../../../src/core/api/stores/idempotency.ts"
import { describeApi, newCustomer, newKey } from "../harness.ts"

describeApi("Idempotency-Key", (api) => {
  const create = (url: string, key: string, headers: string, more: object = {}) =>
    api().call({
      method: "POST",
      url: "/v1/endpoints",
      key,
      headers: { "idempotency-key": headers },
      body: { url, ...more },
    })

  test("a repetition gets the first response, including the secret, and nothing is created twice", async () => {
    const { key, as } = await newCustomer(api())
    const first = await create("https://a.example", key, "k1")
    const second = await create("https://a.example", key, "k1")
    expect(second).toMatchObject({ status: 201, body: first.body, headers: { "idempotency-replayed": "true" } })
    expect(first.headers["idempotency-replayed"]).toBeUndefined()
    expect((await as({ url: "/v1/endpoints" })).body.data).toHaveLength(1)
  })

  test("the stored response is encrypted", async () => {
    const { key, id } = await newCustomer(api())
    const { body } = await create("https://a.example", key, "k1")
    const { rows } = await api().pool.query("select * from idempotency_keys where customer_id = $1", [id])
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(body.secret.slice(6, 20))
    expect(JSON.stringify(rows)).not.toContain(body.id)
  })

  test("a body with explicit defaults is the same request; another body, route or key is not", async () => {
    const { key, as, id } = await newCustomer(api())
    await create("https://a.example", key, "k1")
    expect((await create("https://a.example", key, "k1", { payload: "full" })).status).toBe(201)
    const conflict = { status: 409, body: { code: "idempotency_conflict" } }
    expect(await create("https://b.example", key, "k1")).toMatchObject(conflict)
    const headers = { "idempotency-key": "k1" }
    expect(await as({ method: "POST", url: "/v1/api-keys", body: {}, headers })).toMatchObject(conflict)
    expect(await create("https://a.example", await newKey(api(), id, ["write"]), "k1")).toMatchObject(conflict)
  })

  test("two customers may use the same Idempotency-Key", async () => {
    const [one, two] = [await newCustomer(api()), await newCustomer(api())]
    const [first, second] = [
      await create("https://a.example", one.key, "k1"),
      await create("https://a.example", two.key, "k1"),
    ]
    expect(second.status).toBe(201)
    expect(second.body.id).not.toBe(first.body.id)
  })

  test("after a refused request its Idempotency-Key can be used for the corrected one", async () => {
    const { key } = await newCustomer(api())
    expect((await create("http://a.example", key, "k1")).status).toBe(422)
    expect((await create("https://a.example", key, "k1")).status).toBe(201)
  })

  test("a repetition while the first request runs is told to wait, and only one object is created", async () => {
    const { key, as } = await newCustomer(api())
    const answers = await Promise.all(Array.from({ length: 4 }, () => create("https://a.example", key, "k1")))
    expect(answers.filter(({ status, headers }) => status === 201 && !headers["idempotency-replayed"])).toHaveLength(1)
    for (const { status, body } of answers) expect(status === 201 || body.code === "idempotency_in_progress").toBe(true)
    expect((await as({ url: "/v1/endpoints" })).body.data).toHaveLength(1)
  })

  test("a request whose process died can run again after a minute, a finished one after a day", async () => {
    const { key, id } = await newCustomer(api())
    const age = (seconds: number) =>
      api().pool.query(
        "update idempotency_keys set created_at = now() - make_interval(secs => $2) where customer_id = $1",
        [id, seconds],
      )
    const first = await create("https://a.example", key, "k1")
    await api().pool.query("update idempotency_keys set status = null, response = null where customer_id = $1", [id])
    expect((await create("https://a.example", key, "k1")).body.code).toBe("idempotency_in_progress")
    await age(61)
    const second = await create("https://a.example", key, "k1")
    expect(second.body.id).not.toBe(first.body.id)
    await age(86_399)
    expect((await create("https://a.example", key, "k1")).body.id).toBe(second.body.id)
    await age(86_401)
    const third = await create("https://b.example", key, "k1")
    expect(third.status).toBe(201)
  })

  test("a response that takes over a minute is not stored for another request that has since claimed the key", async () => {
    const { id } = await newCustomer(api())
    const { idempotency } = api().stores
    const [slow, other] = ["slow", "other"].map((fingerprint) => ({ owner: id, key: "k1", fingerprint })) as [
      Claim,
      Claim,
    ]
    const [ofSlow, ofOther] = ["1", "2"].map((text) => ({ status: 201, text })) as [StoredAnswer, StoredAnswer]
    await idempotency.begin(slow)
    await api().pool.query("update idempotency_keys set created_at = now() - interval '61 s' where customer_id = $1", [
      id,
    ])
    expect(await idempotency.begin(other)).toEqual({ kind: "first" })
    await idempotency.finish(slow, ofSlow)
    expect(await idempotency.begin(other)).toEqual({ kind: "running" })
    await idempotency.release(slow)
    expect(await idempotency.begin(other)).toEqual({ kind: "running" })
    await idempotency.finish(other, ofOther)
    await idempotency.finish(slow, ofSlow)
    expect(await idempotency.begin(other)).toEqual({ kind: "done", answer: ofOther })
  })

  test("of two responses to a request that ran twice, the first is stored", async () => {
    const { id } = await newCustomer(api())
    const { idempotency } = api().stores
    const claim = { owner: id, key: "k1", fingerprint: "slow" }
    await idempotency.begin(claim)
    await api().pool.query("update idempotency_keys set created_at = now() - interval '61 s' where customer_id = $1", [
      id,
    ])
    expect(await idempotency.begin(claim)).toEqual({ kind: "first" })
    await idempotency.finish(claim, { status: 204, text: "" })
    await idempotency.finish(claim, { status: 201, text: "late" })
    await idempotency.release(claim)
    expect(await idempotency.begin(claim)).toEqual({ kind: "done", answer: { status: 204, text: "" } })
  })

  test("a response without a body is repeated too", async () => {
    const { as } = await newCustomer(api())
    const { body } = await as({ method: "POST", url: "/v1/endpoints", body: { url: "https://a.example" } })
    const call = { method: "DELETE", url: `/v1/endpoints/${body.id}`, headers: { "idempotency-key": "k1" } } as const
    expect(await as(call)).toMatchObject({ status: 204, text: "" })
    expect(await as(call)).toMatchObject({ status: 204, text: "", headers: { "idempotency-replayed": "true" } })
  })

  test.each(["", "a b", "x".repeat(256), "ü"])("%j is refused as an Idempotency-Key", async (key) => {
    const refused = await api().asOperator({
      method: "POST",
      url: "/v1/customers",
      body: { name: "x" },
      headers: { "idempotency-key": key },
    })
    expect(refused).toMatchObject({ status: 400, body: { code: "bad_request" } })
  })
})
