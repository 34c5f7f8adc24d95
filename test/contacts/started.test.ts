import { expect, test } from "vitest"
import { addCustomer, useGateways } from "../support/gateways.ts"
import { messaging, newMid, text } from "../support/messenger.ts"
import { describeStores } from "../support/stores.ts"
import { whatsapp, whatsappText } from "../support/whatsapp.ts"

const CONTACT = "12345678901234"

describeStores("conversation.started", (pool) => {
  const start = useGateways(pool)

  test("is sent once, before the first item, whoever wrote it, and only to endpoints that subscribe to it", async () => {
    const customer = await addCustomer(pool(), "facebook", ["conversation.started", "message.echo"])
    const gateway = await start()
    const echo = { message: { mid: newMid(), is_echo: true, text: "Hi" } }
    await gateway.post("facebook", messaging(customer.pageId, CONTACT, echo))
    await gateway.post("facebook", text(customer.pageId, CONTACT))
    const events = await customer.events()
    expect(events.map(({ event }) => event)).toEqual(["conversation.started", "message.echo", "message.received"])
    expect(events[0]).toMatchObject({ from: CONTACT, direction: "outbound", identity: { psid: CONTACT } })
    expect(events[0]?.conversation_id).toBe(events[1]?.conversation_id)
    expect(events[0]).not.toHaveProperty("message")
    expect(await customer.delivered()).toEqual(["conversation.started", "message.echo"])
  })

  test("is sent once if several gateways see a new contact at the same time and Meta repeats its webhooks", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const gateways = [await start(), await start(), await start()]
    const bodies = Array.from({ length: 6 }, () => text(customer.pageId, CONTACT))
    await Promise.all(gateways.flatMap((gateway) => bodies.map((body) => gateway.post("facebook", body))))
    const late = await start()
    for (const body of bodies) await late.post("facebook", body)
    const names = (await customer.events()).map(({ event }) => event)
    expect(names.filter((name) => name === "conversation.started")).toHaveLength(1)
    expect(names.filter((name) => name === "message.received")).toHaveLength(6)
    expect(await customer.delivered()).toHaveLength(7)
    expect(await customer.list()).toHaveLength(1)
  })

  test("is sent for one item only if several gateways each get a different first item", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const gateways = [await start(), await start(), await start(), await start()]
    await Promise.all(gateways.map((gateway) => gateway.post("facebook", text(customer.pageId, CONTACT))))
    const names = (await customer.events()).map(({ event }) => event)
    expect(names.sort()).toEqual(["conversation.started", ...gateways.map(() => "message.received")])
    expect(await customer.delivered()).toHaveLength(gateways.length + 1)
  })

  test("comes before everything that a new contact sends at once, in the order it was sent", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const gateway = await start()
    const sent = Array.from({ length: 20 }, newMid)
    const bodies = sent.map((mid) => messaging(customer.pageId, CONTACT, { message: { mid, text: "Hi" } }))
    await Promise.all(bodies.map((body) => gateway.post("facebook", body)))
    const events = await customer.events()
    expect(events.map(({ event }) => event)).toEqual(["conversation.started", ...sent.map(() => "message.received")])
    expect(events.slice(1).map((event) => (event.message as { id: string }).id)).toEqual(sent)
  })

  test("is sent for each new contact of a batch, before its own first item", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const gateway = await start()
    const entry = ["1", "2", "1", "3", "2"].flatMap((contact) => text(customer.pageId, contact).entry)
    await gateway.post("facebook", { object: "page", entry })
    expect((await customer.events()).map(({ event, from }) => `${event} ${from}`)).toEqual([
      "conversation.started 1",
      "message.received 1",
      "conversation.started 2",
      "message.received 2",
      "message.received 1",
      "conversation.started 3",
      "message.received 3",
      "message.received 2",
    ])
  })

  test("is sent separately for each customer's contact, also for one page id on two platforms", async () => {
    const [one, two] = [await addCustomer(pool(), "facebook"), await addCustomer(pool(), "facebook")]
    const gateway = await start()
    await gateway.post("facebook", text(one.pageId, CONTACT))
    await gateway.post("facebook", text(two.pageId, CONTACT))
    const [of, other] = [await one.events(), await two.events()]
    expect([of.length, other.length]).toEqual([2, 2])
    expect(of[0]?.conversation_id).not.toBe(other[0]?.conversation_id)
  })

  test("a comment creates a contact but starts no conversation; the first message does", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const gateway = await start()
    const value = { item: "comment", verb: "add", comment_id: "1_2", post_id: "1", message: "Nice!" }
    const from = { id: CONTACT, name: "Ann Example" }
    const change = { field: "feed", value: { ...value, from, created_time: Math.floor(Date.now() / 1000) } }
    await gateway.post("facebook", { object: "page", entry: [{ id: customer.pageId, time: 1, changes: [change] }] })
    expect(await customer.list()).toMatchObject([{ scoped_id: CONTACT, id_type: "psid", name: "Ann Example" }])
    await gateway.post("facebook", text(customer.pageId, CONTACT))
    await gateway.post("facebook", text(customer.pageId, CONTACT))
    const names = (await customer.events()).map(({ event }) => event)
    expect(names).toEqual(["comment.received", "conversation.started", "message.received", "message.received"])
  })

  test("a shared history creates contacts whose conversations have already started, also when they write again", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    const phone = "16505550134"
    const past = { from: phone, id: "wamid.past", timestamp: "1700000000", type: "text", text: { body: "long ago" } }
    const chunk = { metadata: { phase: 0, chunk_order: 1, progress: 100 }, threads: [{ id: phone, messages: [past] }] }
    await gateway.post("whatsapp", whatsapp(customer.pageId, { history: [chunk] }, "history"))
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone }))
    expect((await customer.events()).map(({ event }) => event)).toEqual(["message.history", "message.received"])
    expect(await customer.list()).toHaveLength(1)
  })

  test("contains the ad that led to the conversation, and no raw item, since Meta sent none", async () => {
    const customer = await addCustomer(pool(), "facebook", ["*"], { include_raw: true })
    const gateway = await start()
    const referral = { ref: "spring", source: "ADS", type: "OPEN_THREAD", ad_id: "42" }
    await gateway.post(
      "facebook",
      messaging(customer.pageId, CONTACT, { message: { mid: newMid(), text: "Hi", referral } }),
    )
    expect((await customer.events())[0]).toMatchObject({ referral: { source: "ad", ad_id: "42" } })
    const { rows } = await pool().query<{ raw: string | null }>(
      "select raw from events where customer_id = $1 order by seq",
      [customer.id],
    )
    expect(rows.map(({ raw }) => raw === null)).toEqual([true, false])
  })

  test("if the store refuses the events, it keeps no contact either, so the repetition still sends it", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const gateway = await start()
    await pool().query("alter table events add constraint refused check (page_id <> 'x' and sender <> '666') not valid")
    await expect(gateway.post("facebook", text(customer.pageId, "666"))).rejects.toThrow()
    expect(await customer.list()).toEqual([])
    await pool().query("alter table events drop constraint refused")
    await gateway.post("facebook", text(customer.pageId, "666"))
    expect((await customer.events()).map(({ event }) => event)).toEqual(["conversation.started", "message.received"])
  })
})
