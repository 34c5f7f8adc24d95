import { expect, test } from "vitest"
import { render } from "../../src/core/event/compose.ts"
import type { Pool } from "../../src/store/connection/pool.ts"
import { ERASED_CONTACTS } from "../../src/store/contacts/erase-contact.ts"
import { addCustomer, type TestCustomer, useGateways } from "../support/gateways.ts"
import { messaging, newMid, text } from "../support/messenger.ts"
import { describeStores } from "../support/stores.ts"
import { until } from "../support/until.ts"
import { wamid, whatsapp, whatsappText } from "../support/whatsapp.ts"

const CONTACT = "12345678901234"
const SECRET = "my card number is 4111"

describeStores("erasure", (pool) => {
  const start = useGateways(pool)

  const stored = async ({ id }: TestCustomer) => {
    const { rows } = await pool().query<{ body: string; compact_length: number; raw: string | null }>(
      "select body, compact_length, raw from events where customer_id = $1 order by seq",
      [id],
    )
    return rows
  }

  test("a message unsent on Instagram loses its text, its edits and its raw items, and nothing else", async () => {
    const customer = await addCustomer(pool(), "instagram", ["*"], { include_raw: true })
    const gateway = await start()
    const mid = newMid()
    const post = (item: object) => gateway.post("instagram", messaging(customer.pageId, CONTACT, item, "instagram"))
    const message = { mid, text: SECRET, attachments: [{ type: "image", payload: { url: "https://cdn/secret.jpg" } }] }
    await post({ message })
    await post({ message_edit: { mid, text: `${SECRET} 2`, num_edit: 1 } })
    await post({ message: { mid: newMid(), text: "unconcerned" } })
    const before = await customer.events()
    await post({ message: { mid, is_deleted: true } })
    const rows = await stored(customer)
    expect(JSON.stringify(rows)).not.toMatch(/4111|secret/)
    expect(JSON.stringify(rows)).toContain("unconcerned")
    const events = await customer.events()
    expect(events.map(({ id, event }) => [id, event])).toEqual([
      ...before.map(({ id, event }) => [id, event]),
      [expect.any(String), "message.deleted"],
    ])
    expect(events[1]).toEqual({
      ...before[1],
      message: { type: "text", body: "", id: mid, deleted: { by: "unknown" } },
    })
    // The waiting delivery says only that there was a message.
    const { body, compact_length, raw } = rows[1] as (typeof rows)[0]
    const compact = JSON.parse(render(body, compact_length, "compact", raw))
    expect(Object.keys(compact)).toEqual(Object.keys(before[1] ?? {}).slice(0, 8))
    expect(raw).toBeNull()
    await post({ message })
    expect(JSON.stringify(await stored(customer))).not.toMatch(/4111|secret/)
  })

  test("a message that comes with its deletion in one webhook is stored without its text", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    const id = wamid()
    const from = { from: "16505550134", timestamp: "1767169100" }
    const messages = [
      { ...from, id, type: "text", text: { body: SECRET } },
      { ...from, id: wamid(), type: "revoke", revoke: { original_message_id: id } },
    ]
    await gateway.post("whatsapp", whatsapp(customer.pageId, { messages }))
    expect((await customer.events()).map(({ event }) => event)).toEqual([
      "conversation.started",
      "message.received",
      "message.deleted",
    ])
    expect(JSON.stringify(await stored(customer))).not.toContain("4111")
  })

  test("an edit without the new content leaves the original unchanged", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    const id = wamid()
    const from = { from: "16505550134", timestamp: "1767169100" }
    const edits = [undefined, {}, { original_message_id: id }, { original_message_id: id, message: null }]
    const messages = [
      { ...from, id, type: "text", text: { body: SECRET } },
      ...edits.map((edit) => ({ ...from, id: wamid(), type: "edit", edit })),
    ]
    for (const message of messages) await gateway.post("whatsapp", whatsapp(customer.pageId, { messages: [message] }))
    const events = await customer.events()
    expect(events.map(({ event }) => event)).toEqual([
      "conversation.started",
      "message.received",
      ...edits.map(() => "event.unmapped"),
    ])
    expect(events[1]).toMatchObject({ message: { id, body: SECRET } })
  })

  test("a deletion affects no message of another page or customer, whatever id it names", async () => {
    const [one, two] = [await addCustomer(pool(), "facebook"), await addCustomer(pool(), "facebook")]
    const gateway = await start()
    const mid = newMid()
    await gateway.post("facebook", text(two.pageId, CONTACT, SECRET, mid))
    await gateway.post("facebook", messaging(one.pageId, CONTACT, { message: { mid, is_deleted: true } }))
    expect(JSON.stringify(await two.events())).toContain("4111")
  })

  test("erasing a contact removes its events and ids, and cancels its unsent deliveries", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const other = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    const person = { phone: "16505550134", bsuid: "US.13490000000000001918", name: "Ann Example" }
    for (const { pageId } of [customer, customer, other]) await gateway.post("whatsapp", whatsappText(pageId, person))
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: "16505550172" }))
    const contact = (await customer.list()).find(({ name }) => name === "Ann Example")
    expect(await other.contacts.erase(other.id, contact?.id ?? "")).toBe(false)
    expect(await customer.contacts.erase(customer.id, contact?.id ?? "")).toBe(true)
    expect(await customer.contacts.get(customer.id, contact?.id ?? "")).toBeNull()
    expect((await customer.events()).map(({ from }) => from)).toEqual(["16505550172", "16505550172"])
    expect(await other.events()).toHaveLength(2)
    const { rows } = await pool().query<{ stage: string; error: string | null }>(
      "select stage, error from deliveries where customer_id = $1 order by id",
      [customer.id],
    )
    const states = rows.map(({ stage, error }) => error ?? stage)
    expect(states).toEqual(["contact_erased", "contact_erased", "contact_erased", "fresh", "fresh"])
    expect(rows[0]?.stage).toBe("canceled")
    for (const table of ["contacts", "contact_aliases"]) {
      const { rows } = await pool().query(`select * from ${table} where customer_id = $1`, [customer.id])
      expect(JSON.stringify(rows)).not.toMatch(/16505550134|US\.1349/)
    }
  })

  test("an erased contact that writes again is a new contact on every gateway, and its conversation starts again", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const gateways = [await start(), await start()]
    for (const gateway of gateways) await gateway.post("facebook", text(customer.pageId, CONTACT))
    const [contact] = await customer.list()
    await customer.contacts.erase(customer.id, contact?.id ?? "")
    await until(async () => {
      await gateways[1]?.post("facebook", text(customer.pageId, CONTACT))
      return (await customer.list()).length === 1
    }, "the other gateway to drop the contact")
    const [again] = await customer.list()
    expect(again?.id).not.toBe(contact?.id)
    expect(again?.conversation_id).toBe(contact?.conversation_id)
    expect((await customer.events()).map(({ event }) => event)).toContain("conversation.started")
  })

  test("a contact erased between its lookup and the commit is not cached", async () => {
    const customer = await addCustomer(pool(), "facebook")
    await (await start()).post("facebook", text(customer.pageId, CONTACT))
    const [contact] = await customer.list()
    const heard = Promise.withResolvers<void>()
    let lookUps = 0
    const store: Pool = {
      ...pool(),
      listen: (channel, onPayload, onConnect) =>
        pool().listen(
          channel,
          (payload) => {
            onPayload(payload)
            if (channel === ERASED_CONTACTS) heard.resolve()
          },
          onConnect,
        ),
      commits: {
        ...pool().commits,
        async query(statement, values) {
          const found = await pool().commits.query(statement as string, values)
          if (lookUps++ === 0) {
            await customer.contacts.erase(customer.id, contact?.id ?? "")
            await heard.promise
          }
          return found as never
        },
      },
    }
    const gateway = await start(store)
    await gateway.post("facebook", text(customer.pageId, CONTACT))
    expect(lookUps).toBeGreaterThan(1)
    await gateway.post("facebook", text(customer.pageId, CONTACT))
    expect(await customer.list()).toHaveLength(1)
  })

  test("deleting a customer deletes its contacts", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    await (await start()).post("whatsapp", whatsappText(customer.pageId, { phone: "16505550134" }))
    await customer.remove()
    for (const table of ["contacts", "contact_aliases", "events"]) {
      const { rows } = await pool().query(`select 1 from ${table} where customer_id = $1`, [customer.id])
      expect(rows).toEqual([])
    }
  })
})
