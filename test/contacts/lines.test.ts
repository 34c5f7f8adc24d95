import { expect, test } from "vitest"
import { addCustomer, useGateways } from "../support/gateways.ts"
import { describeStores } from "../support/stores.ts"
import { whatsappEcho, whatsappStatus, whatsappSystem, whatsappText } from "../support/whatsapp.ts"

const LINES = [
  ["Brazil", "5511987654321", "551187654321"],
  ["Mexico", "5215512345678", "525512345678"],
  ["Argentina", "5491123456789", "541123456789"],
] as const
const [, [, LONG, SHORT]] = LINES
const BSUID = "MX.13490000000000001918"

describeStores("the two numbers of a WhatsApp contact's line", (pool) => {
  const start = useGateways(pool)

  test.each(LINES)("are one conversation in %s, whichever comes first", async (_, long, short) => {
    const gateway = await start()
    for (const [first, second] of [
      [long, short],
      [short, long],
    ] as const) {
      const customer = await addCustomer(pool(), "whatsapp")
      await gateway.directory.changed(customer.id)
      await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: first }))
      await gateway.post("whatsapp", whatsappStatus(customer.pageId, { phone: second }))
      await gateway.post("whatsapp", whatsappEcho(customer.pageId, { phone: first }))
      const events = await customer.events()
      expect(events.map(({ event }) => event)).toEqual([
        "conversation.started",
        "message.received",
        "identity.updated",
        "status.update",
        "message.echo",
      ])
      expect(new Set(events.map((event) => event.conversation_id)).size).toBe(1)
      expect(events.map(({ identity }) => identity?.aliases_known)).toEqual([1, 1, 2, 2, 2])
      expect(events[2]).toMatchObject({ identity: { wa_id: second }, previous_identity: { wa_id: first } })
      expect(await customer.list()).toMatchObject([
        {
          scoped_id: first,
          aliases: [
            { id: first, type: "wa_id" },
            { id: second, type: "wa_id" },
          ],
        },
      ])
    }
  })

  test("a contact that is known by both costs no query by either", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    for (const phone of [LONG, SHORT]) await gateway.post("whatsapp", whatsappText(customer.pageId, { phone }))
    const before = await customer.list()
    for (const phone of [LONG, SHORT, LONG]) await gateway.post("whatsapp", whatsappEcho(customer.pageId, { phone }))
    expect(await customer.list()).toEqual(before)
    expect((await customer.events()).filter(({ event }) => event === "identity.updated")).toHaveLength(1)
  })

  test("are one conversation where they come at the same time, to several gateways", async () => {
    const gateways = [await start(), await start(), await start()]
    for (let round = 0; round < 5; round++) {
      const customer = await addCustomer(pool(), "whatsapp")
      for (const gateway of gateways) await gateway.directory.changed(customer.id)
      const bodies = [whatsappText(customer.pageId, { phone: LONG }), whatsappText(customer.pageId, { phone: SHORT })]
      await Promise.all(gateways.flatMap((gateway) => bodies.map((body) => gateway.post("whatsapp", body))))
      expect(await customer.list()).toHaveLength(1)
      expect(new Set((await customer.events()).map((event) => event.conversation_id)).size).toBe(1)
    }
  })

  test("a known user id decides before the line does", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    for (const ids of [{ phone: LONG }, { bsuid: BSUID }, { phone: SHORT, bsuid: BSUID }, { phone: SHORT }]) {
      await gateway.post("whatsapp", whatsappText(customer.pageId, ids))
    }
    const received = (await customer.events()).filter(({ event }) => event === "message.received")
    const [long, bsuid, both, short] = received.map((event) => event.conversation_id)
    expect(long).not.toBe(bsuid)
    expect([both, short]).toEqual([bsuid, bsuid])
  })

  test("a person whose number changed is found by the other number of the new line", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: "16505550134" }))
    const system = { type: "user_changed_number", wa_id: LONG, body: "changed" }
    await gateway.post("whatsapp", whatsappSystem(customer.pageId, { phone: "16505550134" }, system))
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: SHORT }))
    expect(await customer.list()).toHaveLength(1)
  })

  test("two contacts from before stay two, and each keeps its events", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: LONG }))
    await pool().query("delete from contact_aliases where type = 'line' and customer_id = $1", [customer.id])
    const old = await start()
    await old.post("whatsapp", whatsappText(customer.pageId, { phone: SHORT }))
    const late = await start()
    for (const phone of [LONG, SHORT]) await late.post("whatsapp", whatsappText(customer.pageId, { phone }))
    const events = await customer.events()
    const received = events.filter(({ event }) => event === "message.received").map((event) => event.conversation_id)
    expect([received[2], received[3]]).toEqual([received[0], received[1]])
    expect(received[0]).not.toBe(received[1])
    expect(events.map(({ event }) => event)).not.toContain("identity.updated")
  })

  test("an erased contact leaves nothing of its line", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: LONG }))
    const [contact] = await customer.list()
    await customer.contacts.erase(customer.id, contact?.id ?? "")
    const { rows } = await pool().query("select alias from contact_aliases where customer_id = $1", [customer.id])
    expect(rows).toEqual([])
  })
})
