import { afterAll, beforeAll, expect, test } from "vitest"
import { normalize } from "../../../src/platforms/index.ts"
import { type OpenDirectory, openDirectory } from "../../../src/store/directory/directory.ts"
import { describeApi, newCustomer } from "../harness.ts"

const SECRETS = { secrets: ["0123456789abcdef"] }
let numbers = 0

/** A WhatsApp account with two unique phone numbers. */
function newAccount() {
  numbers += 3
  const [waba, one, two] = [0, 1, 2].map((offset) => `${Date.now()}${numbers + offset}`)
  return { waba: waba as string, one: one as string, two: two as string }
}

function messageTo(waba: string, phoneNumberId: string) {
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "15550100881", phone_number_id: phoneNumberId },
    contacts: [{ profile: { name: "Ada" }, wa_id: "16505550134" }],
    messages: [{ from: "16505550134", id: "wamid.A", timestamp: "1749416383", type: "text", text: { body: "hi" } }],
  }
  return { object: "whatsapp_business_account", entry: [{ id: waba, changes: [{ value, field: "messages" }] }] }
}

function disabled(waba: string) {
  const value = { event: "DISABLED_UPDATE", ban_info: { waba_ban_state: "REINSTATE", waba_ban_date: "April 17, 2025" } }
  const entry = { id: waba, time: 1743451903, changes: [{ value, field: "account_update" }] }
  return { object: "whatsapp_business_account", entry: [entry] }
}

describeApi("the events of a whole WhatsApp account", (api) => {
  let directory: OpenDirectory
  beforeAll(async () => {
    const failOn = (error: unknown) => {
      throw error
    }
    directory = await openDirectory(api().pool, api().vault, failOn, failOn)
  })
  afterAll(() => directory?.close())

  /** The customers that a webhook body is routed to, by the rules of a running gateway. */
  async function ownersOf(body: unknown, appId = "app_default") {
    await directory.changed(null)
    const { drafts } = normalize("whatsapp", body)
    expect(drafts).toHaveLength(1)
    return drafts.flatMap((draft) => directory.owners(appId, draft))
  }

  type Customer = Awaited<ReturnType<typeof newCustomer>>

  async function connect(customer: Customer, pageId: string, more: object = {}) {
    const body = { platform: "whatsapp", page_id: pageId, ...more }
    const { body: connection } = await customer.as({ method: "POST", url: "/v1/connections", body })
    await api().asOperator({ method: "POST", url: `/v1/connections/${connection.id}/activate` })
    return `/v1/connections/${connection.id}`
  }

  const asOperatorFor = (customer: Customer, url: string, body: object) =>
    api().asOperator({ method: "PATCH", url, customer: customer.id, body })

  test("on the operator's app no customer can set an account, when creating or updating a connection", async () => {
    const { waba, one, two } = newAccount()
    const [attacker, victim] = [await newCustomer(api(), "Attacker"), await newCustomer(api(), "Victim")]
    await asOperatorFor(victim, await connect(victim, one), { waba_id: waba })
    const refused = { status: 403, body: { code: "operator_required" } }
    const given = { platform: "whatsapp", page_id: two, waba_id: waba }
    const { body: shared } = await api().asOperator({ method: "POST", url: "/v1/apps", body: SECRETS })
    for (const app of ["app_default", shared.id]) {
      const body = { ...given, app_id: app }
      expect(await attacker.as({ method: "POST", url: "/v1/connections", body })).toMatchObject(refused)
    }
    const url = await connect(attacker, two)
    expect(await attacker.as({ method: "PATCH", url, body: { waba_id: waba, name: "x" } })).toMatchObject(refused)
    expect((await attacker.as({ url })).body).toMatchObject({ waba_id: null, name: "" })
    expect(await ownersOf(disabled(waba))).toEqual([victim.id])
    expect(await ownersOf(messageTo(waba, one))).toEqual([victim.id])
  })

  test("an unconnected number belongs to no customer, even if others of its account are connected", async () => {
    const { waba, one, two } = newAccount()
    const customer = await newCustomer(api())
    await asOperatorFor(customer, await connect(customer, one), { waba_id: waba })
    expect(await ownersOf(messageTo(waba, two))).toEqual([])
    expect(await ownersOf(disabled(waba))).toEqual([customer.id])
  })

  test("go to each customer for whom the operator set the account, until it is removed", async () => {
    const { waba, one, two } = newAccount()
    const customers = [await newCustomer(api()), await newCustomer(api())] as const
    const urls = [await connect(customers[0], one), await connect(customers[1], two)] as const
    for (const index of [0, 1] as const) {
      expect((await asOperatorFor(customers[index], urls[index], { waba_id: waba })).body.waba_id).toBe(waba)
    }
    expect((await ownersOf(disabled(waba))).toSorted()).toEqual(customers.map(({ id }) => id).toSorted())
    expect((await customers[0].as({ method: "PATCH", url: urls[0], body: { waba_id: null } })).status).toBe(200)
    expect(await ownersOf(disabled(waba))).toEqual([customers[1].id])
  })

  test("on its own app a customer sets the account itself", async () => {
    const { waba, one } = newAccount()
    const customer = await newCustomer(api())
    const { body: app } = await customer.as({ method: "POST", url: "/v1/apps", body: SECRETS })
    const body = { platform: "whatsapp", page_id: one, app_id: app.id, waba_id: waba }
    const created = await customer.as({ method: "POST", url: "/v1/connections", body })
    expect(created).toMatchObject({ status: 201, body: { waba_id: waba, status: "active" } })
    const url = `/v1/connections/${created.body.id}`
    expect((await customer.as({ method: "PATCH", url, body: { waba_id: waba } })).status).toBe(200)
    expect(await ownersOf(disabled(waba), app.id)).toEqual([customer.id])
    expect(await ownersOf(disabled(waba))).toEqual([])
  })

  test("setting an account on another customer's connection is 404", async () => {
    const { waba, one } = newAccount()
    const [attacker, victim] = [await newCustomer(api()), await newCustomer(api())]
    const url = await connect(victim, one)
    const refused = await attacker.as({ method: "PATCH", url, body: { waba_id: waba } })
    expect(refused).toMatchObject({ status: 404, body: { code: "not_found" } })
  })
})
