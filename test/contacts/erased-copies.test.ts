import { expect, test } from "vitest"
import { createCustomersStore } from "../../src/store/directory/customers.ts"
import { createVault } from "../../src/store/directory/vault.ts"
import { createMaintenanceStore } from "../../src/store/housekeeping/maintenance.ts"
import { createStores } from "../../src/store/stores.ts"
import { addCustomer, type TestCustomer, useGateways } from "../support/gateways.ts"
import { describeStores } from "../support/stores.ts"
import { whatsapp, whatsappText } from "../support/whatsapp.ts"

const PHONE = "16505550134"
const OTHER_PHONE = "16505550172"
const SECRET = "my card number is 4111"

describeStores("copies of personal data", (pool) => {
  const start = useGateways(pool)

  const faults = async () => {
    const { rows } = await pool().query<{ item: string }>("select item from faults order by id")
    return rows.map(({ item }) => item).join("\n")
  }
  /** An item that becomes a fault: it is in an array too many. */
  const broken = (from: string, body: string) => ({ messages: [[{ from, type: "text", text: { body } }]] })

  /** Two finished deliveries, one after an attempt that failed, whose responses repeat the message. */
  async function answered({ id }: TestCustomer) {
    await pool().query(
      `update deliveries set stage = 'exhausted', attempts = 2, finished_at = now(), status = 500, response = 'echo: ' || event_id
       where customer_id = $1`,
      [id],
    )
    await pool().query(
      `insert into attempts (customer_id, delivery_id, number, started_at, duration_ms, outcome, verdict, response)
       select customer_id, id, 1, now(), 1, 'status', 'retry', 'echo: ' || event_id from deliveries where customer_id = $1`,
      [id],
    )
  }

  async function excerpts({ id }: TestCustomer) {
    const { rows } = await pool().query<{ event_id: string; last: string | null; first: string | null }>(
      `select d.event_id, d.response as last, a.response as first from deliveries d
       join attempts a on a.delivery_id = d.id where d.customer_id = $1 order by d.id`,
      [id],
    )
    return rows
  }

  test("erasing a contact clears what endpoints responded to its events, and nothing else", async () => {
    const customer = await addCustomer(pool(), "whatsapp", ["message.received"])
    const gateway = await start()
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: PHONE }))
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: OTHER_PHONE }))
    await answered(customer)
    const kept = (await customer.events()).filter(({ from }) => from === OTHER_PHONE).map(({ id }) => id)
    const [contact] = (await customer.list()).filter(({ scoped_id }) => scoped_id === PHONE)
    expect(await customer.contacts.erase(customer.id, contact?.id ?? "")).toBe(true)
    const left = await excerpts(customer)
    expect(left).toHaveLength(2)
    for (const { event_id, last, first } of left) {
      const response = kept.includes(event_id) ? `echo: ${event_id}` : null
      expect({ last, first }).toEqual({ last: response, first: response })
    }
    expect(left.filter(({ last }) => last !== null)).toHaveLength(1)
  })

  test("erasing a contact deletes the faults that name it, and no others", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: PHONE, bsuid: "US.13490000000000001918" }))
    for (const id of [PHONE, "US.13490000000000001918"]) {
      await gateway.post("whatsapp", whatsapp(customer.pageId, broken(id, SECRET)))
    }
    await gateway.post("whatsapp", whatsapp(customer.pageId, broken(OTHER_PHONE, "another's")))
    await gateway.post("whatsapp", whatsapp(customer.pageId, broken(`${PHONE}9`, "a longer number's")))
    const [contact] = await customer.list()
    await customer.contacts.erase(customer.id, contact?.id ?? "")
    expect(await faults()).not.toMatch(/4111|US\.1349/)
    expect(await faults()).toMatch(/another's.*longer number's/s)
  })

  test("deleting a customer deletes the faults of its pages and of its own apps, and no others", async () => {
    const [customer, other] = [await addCustomer(pool(), "whatsapp"), await addCustomer(pool(), "whatsapp")]
    const messenger = await addCustomer(pool(), "facebook")
    const gateway = await start()
    const vault = createVault([{ id: "k1", key: new Uint8Array(32).fill(7) }])
    const app = { name: "", meta_app_id: null, secrets: ["0123456789abcdef"], verify_token: "verify-it" }
    await createStores(pool(), vault).apps.create({ ...app, id: "app_own", owner: customer.id }, 1)
    await gateway.post("whatsapp", whatsapp(customer.pageId, broken(PHONE, SECRET)))
    await gateway.post("whatsapp", whatsapp("99999999999", broken(PHONE, `${SECRET} on its own app`)), "app_own")
    await gateway.post("whatsapp", whatsapp(other.pageId, broken(PHONE, "another customer's")))
    const nested = { id: messenger.pageId, messaging: [[{ sender: { id: PHONE }, message: { text: SECRET } }]] }
    await gateway.post("facebook", { object: "page", entry: [nested] })
    await gateway.post("facebook", { nonsense: { ...nested, id: messenger.pageId } })
    await customer.remove()
    await messenger.remove()
    expect(await faults()).not.toContain("4111")
    expect(await faults()).toContain("another customer's")
  })

  test("faults of a customer whose removal was interrupted at its end are deleted by the housekeeping", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    await (await start()).post("whatsapp", whatsapp(customer.pageId, broken(PHONE, SECRET)))
    let transactions = 0
    const interrupted = createCustomersStore({
      ...pool(),
      async longTransaction(work) {
        transactions += 1
        if (transactions > 2) throw new Error("the process ends")
        return pool().longTransaction(work)
      },
    })
    await expect(interrupted.remove(customer.id)).rejects.toThrow("the process ends")
    expect(await faults()).toContain("4111")
    await createMaintenanceStore(pool(), 30).expire(Date.now())
    expect(await faults()).not.toContain("4111")
  })

  test("a fault says which page it is of, as far as Meta says it", async () => {
    const gateway = await start()
    await pool().query("delete from faults")
    await gateway.post("whatsapp", whatsapp("777000111", broken(PHONE, "x")))
    await gateway.post("facebook", { object: "page", entry: [{ id: "777000222", messaging: [1] }] })
    await gateway.post("facebook", [{ object: "page", entry: [{ id: "777000333", messaging: [1] }] }])
    await gateway.post("facebook", { object: "page", entry: [{ id: { not: "an id" }, messaging: [1] }] })
    await gateway.post("facebook", { object: "unknown" })
    const { rows } = await pool().query<{ page_id: string | null }>("select page_id from faults order by id")
    expect(rows.map(({ page_id }) => page_id)).toEqual(["777000111", "777000222", "777000333", null, null])
  })
})
