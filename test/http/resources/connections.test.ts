import { expect, test } from "vitest"
import { describeApi, newCustomer } from "../harness.ts"

let pages = 0

function newPage(): string {
  pages += 1
  return `${Date.now()}${pages}`
}

describeApi("connections and apps", (api) => {
  test("on the operator's app a page is pending until the operator activates it", async () => {
    const { as, id } = await newCustomer(api())
    const page = newPage()
    const created = await as({ method: "POST", url: "/v1/connections", body: { platform: "facebook", page_id: page } })
    expect(created.status).toBe(201)
    expect(created.body).toEqual({
      id: expect.stringMatching(/^con_/),
      customer_id: id,
      app_id: "app_default",
      platform: "facebook",
      page_id: page,
      waba_id: null,
      name: "",
      status: "pending",
      has_access_token: false,
      created_at: expect.any(String),
    })
    const activate = `/v1/connections/${created.body.id}/activate`
    expect(await as({ method: "POST", url: activate })).toMatchObject({
      status: 403,
      body: { code: "operator_required" },
    })
    const active = await api().asOperator({ method: "POST", url: activate })
    expect(active.body).toEqual({ ...created.body, status: "active" })
    expect(api().changed.at(-1)).toBe(id)
  })

  test("an operator acting for a customer can activate only that customer's connections", async () => {
    const [one, two] = [await newCustomer(api()), await newCustomer(api())]
    const body = { platform: "facebook", page_id: newPage() }
    const { body: connection } = await one.as({ method: "POST", url: "/v1/connections", body })
    const url = `/v1/connections/${connection.id}/activate`
    expect((await api().asOperator({ method: "POST", url, customer: two.id })).status).toBe(404)
    expect((await api().asOperator({ method: "POST", url, customer: one.id })).body.status).toBe("active")
  })

  test("on a customer's own app a connection is active immediately", async () => {
    const { as } = await newCustomer(api())
    const { body: app } = await as({ method: "POST", url: "/v1/apps", body: { secrets: ["0123456789abcdef"] } })
    const body = { platform: "instagram", page_id: newPage(), app_id: app.id }
    const created = await as({ method: "POST", url: "/v1/connections", body })
    expect(created.body).toMatchObject({ status: "active", app_id: app.id })
  })

  test("on another app of the operator a connection is pending, and another customer's app is not found", async () => {
    const [one, two] = [await newCustomer(api()), await newCustomer(api())]
    const secrets = ["0123456789abcdef"]
    const { body: shared } = await api().asOperator({ method: "POST", url: "/v1/apps", body: { secrets } })
    const { body: foreign } = await two.as({ method: "POST", url: "/v1/apps", body: { secrets } })
    const connect = (app_id: string) =>
      one.as({ method: "POST", url: "/v1/connections", body: { platform: "facebook", page_id: newPage(), app_id } })
    expect((await connect(shared.id)).body.status).toBe("pending")
    const refusals = [await connect(foreign.id), await connect("app_nowhere")]
    for (const refused of refusals) {
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: "app_id" }] } })
    }
    expect(refusals[0]?.body).toEqual(refusals[1]?.body)
  })

  test("a customer connects a page to an app once", async () => {
    const { as } = await newCustomer(api())
    const body = { platform: "whatsapp", page_id: newPage() }
    const connect = (more: object = {}) => as({ method: "POST", url: "/v1/connections", body: { ...body, ...more } })
    const { body: first } = await connect()
    expect(await connect()).toMatchObject({ status: 409, body: { code: "connection_exists" } })
    expect((await connect({ platform: "facebook" })).status).toBe(201)
    await as({ method: "DELETE", url: `/v1/connections/${first.id}` })
    expect((await connect()).status).toBe(201)
  })

  test("a claim of somebody else's page keeps nobody out, and reveals nothing of other claims", async () => {
    const [squatter, owner] = [await newCustomer(api(), "Eins"), await newCustomer(api(), "Zwei")]
    const body = { platform: "facebook", page_id: newPage() }
    const connect = ({ as }: typeof owner) => as({ method: "POST", url: "/v1/connections", body })
    const claim = await connect(squatter)
    const own = await connect(owner)
    expect([claim.status, own.status]).toEqual([201, 201])
    const activate = (id: string) => api().asOperator({ method: "POST", url: `/v1/connections/${id}/activate` })
    expect((await activate(own.body.id)).body.status).toBe("active")
    const refused = await activate(claim.body.id)
    expect(refused).toMatchObject({ status: 409, body: { code: "connection_exists" } })
    const late = await newCustomer(api())
    const afterwards = await connect(late)
    expect(afterwards.status).toBe(201)
    expect(Object.keys(afterwards.body)).toEqual(Object.keys(claim.body))
    await owner.as({ method: "DELETE", url: `/v1/connections/${own.body.id}` })
    expect((await activate(claim.body.id)).body.status).toBe("active")
  })

  test("the access token is encrypted, never shown, and can be changed and removed", async () => {
    const { as } = await newCustomer(api())
    const body = { platform: "facebook", page_id: newPage(), access_token: "EAAgeheim", name: "n" }
    const created = await as({ method: "POST", url: "/v1/connections", body })
    expect(created.body).toMatchObject({ has_access_token: true, name: "n" })
    expect(created.text).not.toContain("geheim")
    const { id } = created.body
    const stored = async () => {
      const { rows } = await api().pool.query<{ access_token: string | null }>(
        "select access_token from connections where id = $1",
        [id],
      )
      return rows[0]?.access_token ?? null
    }
    expect(api().vault.decrypt((await stored()) ?? "", `connections:${id}`)).toBe("EAAgeheim")
    const url = `/v1/connections/${id}`
    await as({ method: "PATCH", url, body: { access_token: "EAAanders", name: "m" } })
    expect(api().vault.decrypt((await stored()) ?? "", `connections:${id}`)).toBe("EAAanders")
    const removed = await as({ method: "PATCH", url, body: { access_token: null } })
    expect(removed.body).toMatchObject({ has_access_token: false, name: "m" })
    expect(await stored()).toBeNull()
  })

  test("the list is filtered by platform, page and status", async () => {
    const { as } = await newCustomer(api())
    const [one, two] = [newPage(), newPage()]
    await as({ method: "POST", url: "/v1/connections", body: { platform: "facebook", page_id: one } })
    api().clock.nowMs += 1
    await as({ method: "POST", url: "/v1/connections", body: { platform: "instagram", page_id: two } })
    const pagesOf = async (query: string) =>
      (await as({ url: `/v1/connections?${query}` })).body.data.map(({ page_id }: { page_id: string }) => page_id)
    expect(await pagesOf("")).toEqual([two, one])
    expect(await pagesOf("platform=facebook")).toEqual([one])
    expect(await pagesOf(`page_id=${two}`)).toEqual([two])
    expect(await pagesOf("status=active")).toEqual([])
  })

  test("an operator who names no customer sees all connections, including pending ones", async () => {
    const [one, two] = [await newCustomer(api()), await newCustomer(api())]
    const ids: string[] = []
    for (const { as } of [one, two, one]) {
      const body = { platform: "facebook", page_id: newPage() }
      ids.push((await as({ method: "POST", url: "/v1/connections", body })).body.id)
      api().clock.nowMs += 1
    }
    await api().asOperator({ method: "POST", url: `/v1/connections/${ids[0]}/activate` })
    const pending = async (query: string, customer?: string) =>
      (await api().asOperator({ url: `/v1/connections?status=pending${query}`, ...(customer ? { customer } : {}) }))
        .body
    const { data, next_cursor: cursor } = await pending("&limit=1")
    const next = await pending(`&limit=1&cursor=${cursor}`)
    expect([...data, ...next.data]).toMatchObject([
      { id: ids[2], customer_id: one.id },
      { id: ids[1], customer_id: two.id },
    ])
    expect((await pending("", one.id)).data).toMatchObject([{ id: ids[2] }])
    expect((await one.as({ url: "/v1/connections?status=pending" })).body.data).toMatchObject([{ id: ids[2] }])
  })

  test("an app's callback URLs are shown, its secrets and verify token are encrypted", async () => {
    const { as, id: customer } = await newCustomer(api())
    const body = {
      name: "mine",
      meta_app_id: "123",
      secrets: ["first-secret", "second-secret"],
      verify_token: "token-geheim",
    }
    const created = await as({ method: "POST", url: "/v1/apps", body })
    const { verify_token: token, ...shown } = created.body
    expect(token).toBe("token-geheim")
    expect(shown).toMatchObject({
      name: "mine",
      meta_app_id: "123",
      secrets: 2,
      callback_urls: { whatsapp: `https://hooks.example.com/webhooks/whatsapp/${shown.id}` },
    })
    expect((await as({ url: `/v1/apps/${shown.id}` })).body).toEqual(shown)
    const { rows } = await api().pool.query<{ secrets: string[]; verify_token: string; customer_id: string }>(
      "select * from apps where id = $1",
      [shown.id],
    )
    const decrypt = (encrypted: string) => api().vault.decrypt(encrypted, `apps:${shown.id}`)
    expect(rows[0]?.secrets.map(decrypt)).toEqual(body.secrets)
    expect(decrypt(rows[0]?.verify_token ?? "")).toBe("token-geheim")
    expect(rows[0]?.customer_id).toBe(customer)
    const rotated = await as({
      method: "PATCH",
      url: `/v1/apps/${shown.id}`,
      body: { secrets: ["third-secret"], name: "" },
    })
    expect(rotated.body).toMatchObject({ secrets: 1, name: "", meta_app_id: "123" })
  })

  test("a verify token is generated if none is given", async () => {
    const { body } = await api().asOperator({
      method: "POST",
      url: "/v1/apps",
      body: { secrets: ["0123456789abcdef"] },
    })
    expect(body.verify_token).toMatch(/^[\w-]{32}$/)
  })

  test("an app with connections cannot be deleted, one without can", async () => {
    const { as } = await newCustomer(api())
    const { body: app } = await as({ method: "POST", url: "/v1/apps", body: { secrets: ["0123456789abcdef"] } })
    const page = { platform: "facebook", page_id: newPage(), app_id: app.id }
    const { body: connection } = await as({ method: "POST", url: "/v1/connections", body: page })
    const url = `/v1/apps/${app.id}`
    expect(await as({ method: "DELETE", url })).toMatchObject({ status: 409, body: { code: "app_in_use" } })
    await as({ method: "DELETE", url: `/v1/connections/${connection.id}` })
    expect((await as({ method: "DELETE", url })).status).toBe(204)
    expect((await as({ url })).status).toBe(404)
  })

  test("the operator's apps and a customer's are listed separately", async () => {
    const { as, id } = await newCustomer(api())
    const { body: mine } = await as({ method: "POST", url: "/v1/apps", body: { secrets: ["0123456789abcdef"] } })
    const idsFor = async (customer?: string) => {
      const { body } = await api().asOperator({ url: "/v1/apps?limit=250", ...(customer ? { customer } : {}) })
      return body.data.map((app: { id: string }) => app.id)
    }
    expect(await idsFor(id)).toEqual([mine.id])
    expect(await idsFor()).not.toContain(mine.id)
  })
})
