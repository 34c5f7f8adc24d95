import fc from "fast-check"
import { expect, test } from "vitest"
import { eventId } from "../../src/core/event/ids.ts"
import { normalize } from "../../src/platforms/index.ts"
import { addCustomer, useGateways } from "../support/gateways.ts"
import { describeStores } from "../support/stores.ts"
import { whatsappEcho, whatsappStatus, whatsappSystem, whatsappText } from "../support/whatsapp.ts"

const PHONES = ["16505550134", "16505550172", "5511987654321", "551187654321"]
const BSUIDS = ["US.13490000000000001918", "US.20830000000000006501"]
const PARENT = "US.ENT.11810000000000004830"

/** An item described by indexes, so that it can be created again for another page. */
const anyItem = fc.record({
  kind: fc.constantFrom("text", "echo", "status", "changed"),
  phone: fc.option(fc.nat(3), { nil: undefined }),
  bsuid: fc.option(fc.nat(1), { nil: undefined }),
  parent: fc.boolean(),
})
type Item = typeof anyItem extends fc.Arbitrary<infer T> ? T : never

const kinds = {
  text: whatsappText,
  echo: whatsappEcho,
  status: whatsappStatus,
  changed: (pageId: string, ids: object) =>
    whatsappSystem(pageId, ids, { type: "user_changed_number", wa_id: PHONES[1], body: "changed" }),
}

function bodyOf(pageId: string, { kind, phone, bsuid, parent }: Item) {
  const ids = {
    ...(phone === undefined && bsuid !== undefined ? {} : { phone: PHONES[phone ?? 0] as string }),
    ...(bsuid === undefined ? {} : { bsuid: BSUIDS[bsuid] as string }),
    ...(parent && bsuid !== undefined ? { parent: PARENT } : {}),
  }
  return kinds[kind](pageId, ids)
}

const MADE = ["conversation.started", "identity.updated"]

describeStores("contacts, for any items in any order", (pool) => {
  const start = useGateways(pool)

  test("webhooks redelivered in other batches to other gateways change nothing", async () => {
    const gateways = [await start(), await start()]
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyItem, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(1), { minLength: 8, maxLength: 8 }),
        async (items, turns) => {
          const customer = await addCustomer(pool(), "whatsapp")
          for (const { directory } of gateways) await directory.changed(customer.id)
          const bodies = items.map((item) => bodyOf(customer.pageId, item))
          const to = (index: number) => gateways[turns[index] ?? 0] as (typeof gateways)[0]
          for (const [index, body] of bodies.entries()) await to(index).post("whatsapp", body)
          const events = await customer.events()
          const contacts = await customer.list()

          const told = events.filter(({ event }) => event === "conversation.started")
          const begun = new Set(
            events.filter(({ event }) => event !== "identity.updated").map((event) => event.conversation_id),
          )
          expect(told.map((event) => event.conversation_id).sort()).toEqual([...begun].sort())
          expect(new Set(contacts.map((contact) => contact.conversation_id)).size).toBe(contacts.length)
          const ids = contacts.flatMap(({ aliases }) => aliases.map(({ id }) => id))
          expect(new Set(ids).size).toBe(ids.length)
          const ofItems = bodies.flatMap((body) => normalize("whatsapp", body).drafts.map(eventId))
          expect(events.map(({ id }) => id)).toEqual(expect.arrayContaining(ofItems))
          expect(events.filter(({ id, event }) => !ofItems.includes(id) && !MADE.includes(event))).toEqual([])

          const all = { ...bodies[0], entry: bodies.flatMap(({ entry }) => entry).reverse() }
          const late = await start()
          for (const gateway of [...gateways, late]) await gateway.post("whatsapp", all)
          expect(await customer.events()).toEqual(events)
          expect((await customer.list()).map(({ id }) => id)).toEqual(contacts.map(({ id }) => id))
        },
      ),
      { numRuns: 12 },
    )
  })
})
