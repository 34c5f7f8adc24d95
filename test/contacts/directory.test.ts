import { expect, test } from "vitest"
import { addCustomer, useGateways } from "../support/gateways.ts"
import { text } from "../support/messenger.ts"
import { countQueries } from "../support/queries.ts"
import { describeStores } from "../support/stores.ts"
import { whatsapp, whatsappText } from "../support/whatsapp.ts"

const PHONE = "16505550134"
const BSUID = "US.13490000000000001918"

describeStores("the directory of contacts", (pool) => {
  const start = useGateways(pool)

  test("a webhook of a known contact costs one statement: the insert of its event", async () => {
    const counted = countQueries(pool())
    const [customer, numbers] = [await addCustomer(pool(), "facebook"), await addCustomer(pool(), "whatsapp")]
    const gateway = await start(counted.pool)
    const post = async () => {
      await gateway.post("facebook", text(customer.pageId, "1"))
      await gateway.post("whatsapp", whatsappText(numbers.pageId, { phone: PHONE, bsuid: BSUID, name: "Ann" }))
      await gateway.post("whatsapp", whatsappText(numbers.pageId, { bsuid: BSUID }))
    }
    await post()
    counted.names.length = 0
    await post()
    expect(counted.names).toEqual(["commit_events", "commit_events", "commit_events"])
  })

  test("a name is stored, follows WhatsApp's changes, and is kept when an item has no name", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    const named = async () => (await customer.list()).map(({ name }) => name)
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: PHONE }))
    expect(await named()).toEqual([null])
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: PHONE, name: "Ann" }))
    await gateway.post("whatsapp", whatsappText(customer.pageId, { phone: PHONE }))
    expect(await named()).toEqual(["Ann"])
    await gateway.post(
      "whatsapp",
      whatsappText(customer.pageId, { phone: PHONE, name: `B\u0000 "\\{\n${"x".repeat(999)}` }),
    )
    expect((await named())[0]).toMatch(/^B {2}"\\\{ x{250,}$/)
  })

  test("a name that cannot be stored unchanged also costs no further query once it is known", async () => {
    const counted = countQueries(pool())
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start(counted.pool)
    const body = () => whatsappText(customer.pageId, { phone: PHONE, name: `\u0007${"x".repeat(999)}` })
    await gateway.post("whatsapp", body())
    counted.names.length = 0
    await gateway.post("whatsapp", body())
    expect(counted.names).toEqual(["commit_events"])
  })

  test("a group is a contact; a participant who writes in it does not become one", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    const gateway = await start()
    const message = { group_id: "Y2FwaV9ncm91cA", from: PHONE, id: "wamid.g", timestamp: "1767169100", type: "text" }
    await gateway.post("whatsapp", whatsapp(customer.pageId, { messages: [{ ...message, text: { body: "hi" } }] }))
    expect(await customer.list()).toMatchObject([{ scoped_id: "Y2FwaV9ncm91cA", id_type: "group_id", aliases: [] }])
  })

  test("a sample webhook from Meta's dashboard creates no contact", async () => {
    const customer = await addCustomer(pool(), "facebook", ["webhook.test"])
    const gateway = await start()
    const item = { sender: { id: "12334" }, recipient: { id: customer.pageId }, timestamp: "1527459824" }
    const value = { ...item, message: { mid: "test_message_id", text: "test_message" } }
    await gateway.post("facebook", { field: "messages", value })
    await gateway.post("facebook", {
      object: "page",
      entry: [{ id: "0", time: 1, messaging: [{ ...value, recipient: { id: customer.pageId } }] }],
    })
    expect((await customer.events()).every(({ event }) => event === "webhook.test")).toBe(true)
    expect(await customer.list()).toEqual([])
  })

  test("conversation ids of known contacts stay the same with another instance key", async () => {
    const customer = await addCustomer(pool(), "facebook")
    await (await start()).post("facebook", text(customer.pageId, "1"))
    const other = await start(pool(), new Uint8Array(32).fill(9))
    await other.post("facebook", text(customer.pageId, "1"))
    expect(new Set((await customer.events()).map((event) => event.conversation_id)).size).toBe(1)
  })
})
