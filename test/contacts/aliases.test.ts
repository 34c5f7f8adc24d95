import { expect, test } from "vitest"
import { addCustomer, useGateways } from "../support/gateways.ts"
import { describeStores } from "../support/stores.ts"
import { whatsappEcho, whatsappStatus, whatsappSystem, whatsappText } from "../support/whatsapp.ts"

const PHONE = "16505550134"
const BSUID = "US.13490000000000001918"
const PARENT = "US.ENT.11810000000000004830"
const NEW_PHONE = "16505550172"
const NEW_BSUID = "US.20830000000000006501"

describeStores("aliases of WhatsApp contacts", (pool) => {
  const start = useGateways(pool)

  test("an echo with only a phone number joins the conversation of the user who wrote with both ids", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: PHONE, bsuid: BSUID, parent: PARENT }))
    await gateway.post("whatsapp", whatsappEcho(customer.pageId, { phone: PHONE }))
    await gateway.post("whatsapp", whatsappStatus(customer.pageId, { bsuid: BSUID }))
    const events = await customer.events()
    expect(events.map(({ event }) => event)).toEqual([
      "conversation.started",
      "message.received",
      "message.echo",
      "status.update",
    ])
    expect(new Set(events.map((event) => event.conversation_id)).size).toBe(1)
    expect(events.map(({ identity }) => identity?.aliases_known)).toEqual([3, 3, 3, 3])
    expect(await customer.list()).toMatchObject([
      {
        scoped_id: BSUID,
        conversation_id: events[0]?.conversation_id,
        aliases: [
          { id: PHONE, type: "wa_id" },
          { id: BSUID, type: "bsuid" },
          { id: PARENT, type: "parent_bsuid" },
        ],
      },
    ])
  })

  test("a contact first known by phone keeps its conversation when its BSUID becomes known, and one event reports the link", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const [one, two] = [await start(), await start()]
    await one.post("whatsapp", whatsappEcho(customer.pageId, { phone: PHONE }))
    await two.post("whatsapp", whatsappText(customer.pageId, { phone: PHONE, bsuid: BSUID }))
    await one.post("whatsapp", whatsappText(customer.pageId, { phone: PHONE, bsuid: BSUID }))
    await two.post("whatsapp", whatsappText(customer.pageId, { bsuid: BSUID }))
    const events = await customer.events()
    expect(events.map(({ event }) => event)).toEqual([
      "conversation.started",
      "message.echo",
      "identity.updated",
      "message.received",
      "message.received",
      "message.received",
    ])
    expect(new Set(events.map((event) => event.conversation_id)).size).toBe(1)
    expect(events[2]).toMatchObject({
      from: PHONE,
      identity: { id: PHONE, wa_id: PHONE, bsuid: BSUID, aliases_known: 2 },
      previous_identity: { id: PHONE, id_type: "wa_id", wa_id: PHONE },
    })
    expect(events[2]?.previous_identity).not.toHaveProperty("bsuid")
    expect(events[5]).toMatchObject({ from: BSUID, identity: { id_type: "bsuid", aliases_known: 2 } })
  })

  test("a contact with a changed number keeps its conversation, whether the old or the new number writes next", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: PHONE }))
    const system = { type: "user_changed_number", wa_id: NEW_PHONE, body: "changed" }
    await gateway.post("whatsapp", whatsappSystem(customer.pageId, { phone: PHONE }, system))
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: NEW_PHONE }))
    await gateway.post("whatsapp", whatsappEcho(customer.pageId, { phone: PHONE }))
    const events = await customer.events()
    expect(events.map(({ event }) => event)).toEqual([
      "conversation.started",
      "message.received",
      "identity.updated",
      "message.received",
      "message.echo",
    ])
    expect(new Set(events.map((event) => event.conversation_id)).size).toBe(1)
    expect(events[2]).toMatchObject({
      from: NEW_PHONE,
      identity: { wa_id: NEW_PHONE, aliases_known: 2 },
      previous_identity: { wa_id: PHONE },
    })
  })

  test("a changed user id is linked to the old one's conversation, with its parent and number", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    await gateway.post("whatsapp", whatsappText(customer.pageId, { bsuid: BSUID }))
    const system = { type: "user_changed_user_id", user_id: NEW_BSUID, previous_user_id: BSUID, wa_id: NEW_PHONE }
    await gateway.post("whatsapp", whatsappSystem(customer.pageId, { bsuid: BSUID }, system))
    await gateway.post("whatsapp", whatsappText(customer.pageId, { bsuid: NEW_BSUID }))
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: NEW_PHONE }))
    const events = await customer.events()
    expect(new Set(events.map((event) => event.conversation_id)).size).toBe(1)
    expect(events.filter(({ event }) => event === "identity.updated")).toMatchObject([
      { previous_identity: { bsuid: BSUID }, identity: { bsuid: NEW_BSUID, wa_id: NEW_PHONE, aliases_known: 3 } },
    ])
  })

  test("a changed user id is linked and reported as a user id where Meta sends user ids in place of phone numbers", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    const system = { type: "user_changed_user_id", wa_id: NEW_BSUID, body: "changed" }
    await gateway.post("whatsapp", whatsappText(customer.pageId, { bsuid: BSUID }))
    await gateway.post("whatsapp", whatsappSystem(customer.pageId, { phone: BSUID }, system))
    await gateway.post("whatsapp", whatsappText(customer.pageId, { bsuid: NEW_BSUID }))
    const events = await customer.events()
    expect(new Set(events.map((event) => event.conversation_id)).size).toBe(1)
    const changes = events.filter(({ event }) => event === "identity.updated")
    expect(changes).toMatchObject([
      {
        from: NEW_BSUID,
        identity: { id: NEW_BSUID, id_type: "bsuid", bsuid: NEW_BSUID },
        previous_identity: { id: BSUID, id_type: "bsuid", bsuid: BSUID },
      },
    ])
    expect(JSON.stringify(changes)).not.toContain("wa_id")
  })

  test("if the new id wrote before the change was reported, both conversations stay, and later events stay in theirs", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    const system = { type: "user_changed_number", wa_id: NEW_PHONE, body: "changed" }
    for (const body of [
      whatsappText(customer.pageId, { phone: PHONE }),
      whatsappText(customer.pageId, { phone: NEW_PHONE }),
      whatsappSystem(customer.pageId, { phone: PHONE }, system),
      whatsappText(customer.pageId, { phone: NEW_PHONE }),
      whatsappText(customer.pageId, { phone: PHONE }),
    ]) {
      await gateway.post("whatsapp", body)
    }
    const events = (await customer.events()).filter(({ event }) => event !== "conversation.started")
    const [old, fresh] = events.map((event) => event.conversation_id)
    expect(old).not.toBe(fresh)
    expect(events.map((event) => event.conversation_id)).toEqual([old, fresh, old, fresh, old])
    expect(await gateway.metrics.aliasConflicts.get()).toMatchObject({ values: [{ value: 1 }] })
  })

  test("if the change is reported before the old id was known, the old id joins the new one's conversation", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: NEW_PHONE }))
    const system = { type: "user_changed_number", wa_id: NEW_PHONE, body: "changed" }
    await gateway.post("whatsapp", whatsappSystem(customer.pageId, { phone: PHONE }, system))
    await gateway.post("whatsapp", whatsappEcho(customer.pageId, { phone: PHONE }))
    expect(new Set((await customer.events()).map((event) => event.conversation_id)).size).toBe(1)
  })

  test("two contacts that turn out to be one person stay separate; an item goes to the contact it names first", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    for (const ids of [{ phone: PHONE }, { bsuid: BSUID }, { phone: PHONE, bsuid: BSUID }, { bsuid: BSUID }]) {
      await gateway.post("whatsapp", whatsappText(customer.pageId, ids))
    }
    const received = (await customer.events()).filter(({ event }) => event === "message.received")
    const [phone, bsuid, both, again] = received.map((event) => event.conversation_id)
    expect(phone).not.toBe(bsuid)
    expect([both, again]).toEqual([phone, bsuid])
    expect((await customer.events()).map(({ event }) => event)).not.toContain("identity.updated")
    expect((await customer.list()).map(({ aliases }) => aliases.length)).toEqual([1, 1])
  })

  test("a parent BSUID links ids on one page, never across pages", async () => {
    const [one, two] = [await addCustomer(pool(), "whatsapp"), await addCustomer(pool(), "whatsapp")]
    const gateway = await start()
    await gateway.post("whatsapp", whatsappText(one.pageId, { bsuid: BSUID, parent: PARENT }))
    await gateway.post("whatsapp", whatsappText(one.pageId, { bsuid: NEW_BSUID, parent: PARENT }))
    await gateway.post("whatsapp", whatsappText(two.pageId, { bsuid: NEW_BSUID, parent: PARENT }))
    const conversations = async ({ events }: typeof one) => new Set((await events()).map((e) => e.conversation_id))
    expect((await conversations(one)).size).toBe(1)
    expect((await two.list())[0]).toMatchObject({ scoped_id: NEW_BSUID })
    expect([...(await conversations(two))]).not.toEqual([...(await conversations(one))])
  })

  test("a phone number shared on request becomes an alias of the contact; one on a forwarded card does not", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    const { whatsapp, wamid } = await import("../support/whatsapp.ts")
    const share = (origin: string | undefined, phone: string) => {
      const card = { origin, name: { formatted_name: "Test" }, phones: [{ phone: `+${phone}`, wa_id: phone }] }
      const message = { from_user_id: BSUID, id: wamid(), timestamp: "1767169100", type: "contacts", contacts: [card] }
      return whatsapp(customer.pageId, { messages: [message] })
    }
    await gateway.post("whatsapp", whatsappText(customer.pageId, { bsuid: BSUID }))
    await gateway.post("whatsapp", share(undefined, NEW_PHONE))
    await gateway.post("whatsapp", share("contact_request", PHONE))
    await gateway.post("whatsapp", whatsappEcho(customer.pageId, { phone: PHONE }))
    const events = await customer.events()
    expect(events.map(({ event }) => event)).toEqual([
      "conversation.started",
      "message.received",
      "message.received",
      "identity.updated",
      "message.received",
      "message.echo",
    ])
    expect(events[3]).toMatchObject({
      from: BSUID,
      identity: { id: BSUID, id_type: "bsuid", bsuid: BSUID, wa_id: PHONE, phone_number: `+${PHONE}` },
      previous_identity: { id: BSUID, bsuid: BSUID },
    })
    expect(new Set(events.map((event) => event.conversation_id)).size).toBe(1)
  })

  test("gateways that see the same new contact at the same time agree on one contact", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateways = [await start(), await start(), await start()]
    const bodies = [
      whatsappText(customer.pageId, { phone: PHONE, bsuid: BSUID }),
      whatsappEcho(customer.pageId, { phone: PHONE }),
      whatsappStatus(customer.pageId, { bsuid: BSUID }),
    ]
    await Promise.all(gateways.flatMap((gateway) => bodies.map((body) => gateway.post("whatsapp", body))))
    for (const gateway of gateways) {
      await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: PHONE, bsuid: BSUID }))
      expect(gateway.errors).toEqual([])
    }
    const events = await customer.events()
    const contacts = await customer.list()
    // The echo and the receipt may each have come first; then there are two contacts, and both stay.
    const started = events.filter(({ event }) => event === "conversation.started")
    expect(started.map((event) => event.conversation_id).sort()).toEqual(
      contacts.map((contact) => contact.conversation_id).sort(),
    )
    const ofMessages = events.filter(({ event }) => event === "message.received").map((event) => event.conversation_id)
    expect(new Set(ofMessages).size).toBe(1)
  })
})
