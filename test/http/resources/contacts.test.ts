import { expect, test } from "vitest"
import { startGateway } from "../../support/gateways.ts"
import { text } from "../../support/messenger.ts"
import { whatsappText } from "../../support/whatsapp.ts"
import { type Api, describeApi, newCustomer, newKey } from "../harness.ts"

/** A customer with a page on each platform and messages to them. */
async function customerWith(api: Api, posts: (pages: { facebook: string; whatsapp: string }) => [string, unknown][]) {
  const customer = await newCustomer(api)
  const digits = customer.id.replace(/\D/g, "").slice(0, 10)
  const pages = { facebook: `1${digits}1`, whatsapp: `1${digits}2` }
  for (const [platform, page_id] of Object.entries(pages)) {
    const { body } = await customer.as({ method: "POST", url: "/v1/connections", body: { platform, page_id } })
    const url = `/v1/connections/${body.id}/activate`
    await api.asOperator({ method: "POST", url, customer: customer.id })
  }
  const gateway = await startGateway(api.pool)
  for (const [platform, body] of posts(pages)) await gateway.post(platform as never, body)
  await gateway.close()
  return { ...customer, pages }
}

describeApi("contacts", (api) => {
  test("are listed newest first, page by page, and found by page, platform and any of their ids", async () => {
    const { as, pages } = await customerWith(api(), ({ facebook, whatsapp }) => [
      ["facebook", text(facebook, "1001")],
      ["facebook", text(facebook, "1002")],
      ["whatsapp", whatsappText(whatsapp, { phone: "16505550134", bsuid: "US.1349", parent: "US.ENT.5", name: "Ann" })],
    ])
    const idsOf = async (query = "") => {
      const { body } = await as({ url: `/v1/contacts?${query}` })
      return body.data.map((contact: { scoped_id: string }) => contact.scoped_id)
    }
    expect(await idsOf()).toEqual(["US.1349", "1002", "1001"])
    const first = await as({ url: "/v1/contacts?limit=2" })
    const second = await as({ url: `/v1/contacts?limit=2&cursor=${first.body.next_cursor}` })
    expect(second.body).toMatchObject({ data: [{ scoped_id: "1001" }], next_cursor: null })
    expect(await idsOf("platform=whatsapp")).toEqual(["US.1349"])
    expect(await idsOf(`page_id=${pages.facebook}`)).toEqual(["1002", "1001"])
    for (const id of ["US.1349", "16505550134", "US.ENT.5"]) expect(await idsOf(`id=${id}`)).toEqual(["US.1349"])
    expect(await idsOf("id=1001")).toEqual(["1001"])
    expect(await idsOf(`id=1001&platform=whatsapp`)).toEqual([])
    expect(await idsOf("id=404")).toEqual([])
    expect((await as({ url: "/v1/contacts?id=" })).status).toBe(400)
    const [{ id }] = (await as({ url: "/v1/contacts?id=16505550134" })).body.data
    expect((await as({ url: `/v1/contacts/${id}` })).body).toEqual({
      id,
      app_id: "app_default",
      platform: "whatsapp",
      page_id: pages.whatsapp,
      scoped_id: "US.1349",
      id_type: "wa_id",
      aliases: [
        { id: "16505550134", type: "wa_id" },
        { id: "US.1349", type: "bsuid" },
        { id: "US.ENT.5", type: "parent_bsuid" },
      ],
      asid: null,
      conversation_id: expect.stringMatching(/^conv_wa_/),
      name: "Ann",
      username: null,
      picture_url: null,
      locale: null,
      active: true,
      first_seen_at: expect.any(String),
      last_seen_at: expect.any(String),
    })
  })

  test("are erased with the events of their conversation, with the scope write", async () => {
    const { id: customerId, as } = await customerWith(api(), ({ facebook }) => [
      ["facebook", text(facebook, "1001")],
      ["facebook", text(facebook, "1002")],
    ])
    const [contact] = (await as({ url: "/v1/contacts?id=1001" })).body.data
    const url = `/v1/contacts/${contact.id}`
    const reader = await newKey(api(), customerId, ["read"])
    expect((await api().call({ method: "DELETE", url, key: reader })).status).toBe(403)
    const stranger = await newCustomer(api())
    expect((await stranger.as({ method: "DELETE", url })).status).toBe(404)
    expect((await stranger.as({ url })).status).toBe(404)
    expect((await stranger.as({ url: "/v1/contacts?id=1001" })).body.data).toEqual([])
    expect((await as({ method: "DELETE", url })).status).toBe(204)
    expect((await as({ url })).status).toBe(404)
    expect((await as({ method: "DELETE", url })).status).toBe(404)
    const events = (await as({ url: "/v1/events" })).body.data
    expect(events.map((event: { from: string }) => event.from)).toEqual(["1002", "1002"])
  })

  test("an id that is not a contact's is 404, even if another kind of object has it", async () => {
    const { as, id } = await newCustomer(api())
    for (const other of [id, "evt_1", "00000000-0000-0000-0000-000000000000", "1001"]) {
      expect((await as({ url: `/v1/contacts/${other}` })).status).toBe(404)
      expect((await as({ method: "DELETE", url: `/v1/contacts/${other}` })).status).toBe(404)
    }
    for (const path of ["events", "deliveries", "endpoints", "connections"]) {
      expect((await as({ url: `/v1/${path}/00000000-0000-0000-0000-000000000000` })).status).toBe(404)
    }
  })
})
