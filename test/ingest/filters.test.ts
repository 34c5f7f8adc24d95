import { expect, test } from "vitest"
import { addCustomer, useGateways } from "../support/gateways.ts"
import { messaging, newMid } from "../support/messenger.ts"
import { describeStores } from "../support/stores.ts"

const CONTACT = "12345678901234"
const image = { attachments: [{ type: "image", payload: { url: "https://cdn.example.com/a.jpg" } }] }

describeStores("an endpoint's filter below the event", (pool) => {
  const start = useGateways(pool)

  /** What an endpoint with this filter gets of a text, an image, an echo, a delivery receipt and a read receipt. */
  async function delivered(filter: object): Promise<string[]> {
    const events = ["message.received", "message.echo", "status.update"]
    const customer = await addCustomer(pool(), "facebook", events, filter)
    const gateway = await start()
    const items = [
      { message: { mid: newMid(), text: "Hi" } },
      { message: { mid: newMid(), ...image } },
      { message: { mid: newMid(), is_echo: true, text: "Hello" } },
      { delivery: { mids: [newMid()], watermark: 1747231892000 } },
      { read: { watermark: 1747231893000 } },
    ]
    for (const item of items) await gateway.post("facebook", messaging(customer.pageId, CONTACT, item))
    return customer.delivered()
  }

  test.each([
    [
      "nothing is given",
      {},
      ["message.received", "message.received", "message.echo", "status.update", "status.update"],
    ],
    ["message_types", { message_types: ["image"] }, ["message.received", "status.update", "status.update"]],
    [
      "statuses",
      { statuses: ["read", "failed"] },
      ["message.received", "message.received", "message.echo", "status.update"],
    ],
    ["inbound", { direction: "inbound" }, ["message.received", "message.received"]],
    ["outbound", { direction: "outbound" }, ["message.echo", "status.update", "status.update"]],
    [
      "several together",
      { message_types: ["text"], statuses: ["delivered"], direction: "inbound" },
      ["message.received"],
    ],
  ])("%s: only events that have the value are filtered by it", async (_, filter, expected) => {
    expect(await delivered(filter)).toEqual(expected)
  })

  test("the filter decides about deliveries only: every event is stored", async () => {
    const customer = await addCustomer(pool(), "facebook", ["*"], { message_types: ["image"] })
    const gateway = await start()
    await gateway.post("facebook", messaging(customer.pageId, CONTACT, { message: { mid: newMid(), text: "Hi" } }))
    expect((await customer.events()).map(({ event }) => event)).toContain("message.received")
    expect(await customer.delivered()).toEqual(["conversation.started"])
  })
})
