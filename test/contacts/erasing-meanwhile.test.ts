import { describe, expect, test } from "vitest"
import type { Pool, Queryable } from "../../src/store/connection/pool.ts"
import { ERASED_CONTACTS, finishErasures } from "../../src/store/contacts/erase-contact.ts"
import { createVault } from "../../src/store/directory/vault.ts"
import { createStores } from "../../src/store/stores.ts"
import { addCustomer, type TestCustomer, useGateways } from "../support/gateways.ts"
import { text } from "../support/messenger.ts"
import { describePostgres, describeStores } from "../support/stores.ts"
import { whatsappText } from "../support/whatsapp.ts"

const CONTACT = "12345678901234"
const PHONE = "16505550134"
const BSUID = "US.13490000000000001918"
const vault = createVault([{ id: "k1", key: new Uint8Array(32).fill(7) }])

const textOf = (statement: Parameters<Queryable["query"]>[0]) =>
  typeof statement === "string" ? statement : statement.text
const erasesEvents = (statement: Parameters<Queryable["query"]>[0]) => textOf(statement).includes("delete from events")

/** The same store for a gateway that receives no notifications of erasures. */
const deaf = (pool: Pool): Pool => ({
  ...pool,
  listen: (channel, onPayload, onConnect) =>
    pool.listen(channel, channel === ERASED_CONTACTS ? () => {} : onPayload, onConnect),
})

/** The same contacts, with something that happens before their events are scanned the second time. */
function interrupted(pool: Pool, meanwhile: () => Promise<unknown>) {
  let looks = 0
  const query: Pool["query"] = async (statement, values) => {
    if (textOf(statement).includes("limit 5000") && ++looks === 2) await meanwhile()
    return pool.relaxed.query(statement, values) as never
  }
  return createStores({ ...pool, relaxed: { query } }, vault).contacts
}

/** The same store, where the events of contacts are erased by `erase`. */
function erasing(pool: Pool, way: (erase: () => Promise<unknown>, customerId: unknown) => Promise<unknown>): Pool {
  const longTransaction: Pool["longTransaction"] = (work) =>
    pool.longTransaction((connection) =>
      work({
        query: (statement, values) => {
          const run = () => connection.query(statement, values)
          return (erasesEvents(statement) ? way(run, values?.[0]) : run()) as never
        },
      }),
    )
  return { ...pool, longTransaction }
}

const unexpected = (error: unknown) => {
  throw error
}

const only = async (customer: TestCustomer) => (await customer.list())[0]?.id ?? ""
const messages = async (customer: TestCustomer) => (await customer.events()).flatMap((one) => one.message?.body ?? [])

describeStores("while a contact is erased", (pool) => {
  const start = useGateways(pool)

  /**
   * A customer whose contact has written, and a gateway that has cached the contact and is not notified of its erasure.
   */
  async function known() {
    const customer = await addCustomer(pool(), "facebook")
    const gateway = await start(deaf(pool()))
    const write = (words: string, on: Pick<typeof gateway, "post"> = gateway) =>
      on.post("facebook", text(customer.pageId, CONTACT, words))
    await write("before")
    return { customer, write, id: await only(customer) }
  }
  const open = async ({ id }: TestCustomer) =>
    (await pool().query("select from deliveries where customer_id = $1 and stage <> 'canceled'", [id])).rows.length
  const erasures = async ({ id }: TestCustomer) =>
    (await pool().query("select from erasures where customer_id = $1", [id])).rows.length
  const aMinutePasses = () => pool().query("update erasures set erased_at = erased_at - interval '61 s'")

  test("events of a gateway that was not notified yet are erased, too", async () => {
    const { customer, write, id } = await known()
    const contacts = interrupted(pool(), () => write("meanwhile"))
    expect(await contacts.erase(customer.id, id)).toBe(true)
    expect(await customer.delivered()).toHaveLength(3)
    expect(await customer.events()).toEqual([])
    expect(await open(customer)).toBe(0)
  })

  test("events that such a gateway commits even later are erased within two minutes", async () => {
    const { customer, write, id } = await known()
    await customer.contacts.erase(customer.id, id)
    await write("late")
    await finishErasures(pool(), unexpected)
    expect(await erasures(customer)).toBe(1)
    await aMinutePasses()
    await finishErasures(pool(), unexpected)
    expect(await customer.events()).toEqual([])
    expect(await open(customer)).toBe(0)
    expect(await erasures(customer)).toBe(0)
  })

  test("a person who writes again is a new contact in the same conversation and keeps the newer events", async () => {
    const { customer, write, id } = await known()
    const hearing = await start()
    const contacts = interrupted(pool(), async () => {
      await write("meanwhile")
      await write("again", hearing)
      await write("and on")
    })
    expect(await contacts.erase(customer.id, id)).toBe(true)
    expect(await messages(customer)).toEqual(["again", "and on"])
    await aMinutePasses()
    await finishErasures(pool(), unexpected)
    expect((await customer.events()).map(({ event }) => event)).toEqual([
      "conversation.started",
      "message.received",
      "message.received",
    ])
    expect(await customer.list()).toHaveLength(1)
    expect(await customer.contacts.erase(customer.id, await only(customer))).toBe(true)
    expect(await customer.events()).toEqual([])
  })

  test("an alias that becomes known at that moment does not remain without a contact", async () => {
    const customer = await addCustomer(pool(), "whatsapp")
    await (await start()).post("whatsapp", whatsappText(customer.pageId, { phone: PHONE }))
    const id = await only(customer)
    let lookUps = 0
    const store: Pool = {
      ...pool(),
      commits: {
        ...pool().commits,
        async query(statement, values) {
          const found = await pool().commits.query(statement as string, values)
          if (lookUps++ === 0) await customer.contacts.erase(customer.id, id)
          return found as never
        },
      },
    }
    await (await start(store)).post("whatsapp", whatsappText(customer.pageId, { phone: PHONE, bsuid: BSUID }))
    expect(await customer.list()).toMatchObject([{ aliases: [{ id: BSUID, type: "bsuid" }] }])
    expect(await customer.contacts.erase(customer.id, await only(customer))).toBe(true)
    const { rows } = await pool().query("select from contact_aliases where customer_id = $1", [customer.id])
    expect(rows).toEqual([])
    expect(await customer.events()).toEqual([])
  })

  describe("and the erasure is interrupted", () => {
    async function interrupted() {
      const given = await known()
      const { customer, id } = given
      const failing = erasing(pool(), () => Promise.reject(new Error("killed")))
      await expect(createStores(failing, vault).contacts.erase(customer.id, id)).rejects.toThrow("killed")
      expect(await customer.contacts.get(customer.id, id)).toBeNull()
      expect(await customer.events()).not.toEqual([])
      return given
    }

    test("it continues when it is requested again, and ends with an answer", async () => {
      const { customer, id } = await interrupted()
      expect(await customer.contacts.erase("cus_other", id)).toBe(false)
      expect(await customer.contacts.erase(customer.id, id)).toBe(true)
      expect(await customer.events()).toEqual([])
      expect(await open(customer)).toBe(0)
      expect(await customer.contacts.erase(customer.id, id)).toBe(false)
    })

    test("it is finished without another request", async () => {
      const { customer } = await interrupted()
      await aMinutePasses()
      await finishErasures(pool(), unexpected)
      expect(await customer.events()).toEqual([])
      expect(await open(customer)).toBe(0)
    })

    test("an erasure that keeps failing is reported and kept, and the others are finished", async () => {
      const customers = [(await interrupted()).customer, (await interrupted()).customer]
      let failing: unknown
      const store = erasing(pool(), (erase, customerId) => {
        failing ??= customerId
        return customerId === failing ? Promise.reject(new Error("again")) : erase()
      })
      const errors: unknown[] = []
      await aMinutePasses()
      await finishErasures(store, (error) => errors.push(error))
      expect(errors).toEqual([new Error("again")])
      for (const customer of customers) {
        expect(await erasures(customer)).toBe(customer.id === failing ? 1 : 0)
        expect((await customer.events()).length > 0).toBe(customer.id === failing)
      }
    })
  })

  test("a conversation of many events, mixed with those of others, is erased completely, and nothing else is", async () => {
    const { customer, id } = await known()
    const [contact] = await customer.list()
    const filled = `insert into events (customer_id, id, day, app_id, platform, event, page_id, sender, conversation_id,
        received_at, body, compact_length)
      select $1, 'evt_' || i, current_date - i % 3, 'app_default', 'facebook', 'message.received', $2, 'x',
        case when i % 5 = 0 then $3 else 'conv_fb_other' end, now() - interval '1 hour', '{}', 1
      from generate_series(1, 12000) i`
    await pool().query(filled, [customer.id, customer.pageId, contact?.conversation_id])
    expect(await customer.contacts.erase(customer.id, id)).toBe(true)
    const { rows } = await pool().query(
      "select conversation_id, count(*)::int as events from events where customer_id = $1 group by 1",
      [customer.id],
    )
    expect(rows).toEqual([{ conversation_id: "conv_fb_other", events: 9_600 }])
  })
})

describePostgres("beside the erasure of a contact", (pool) => {
  const start = useGateways(pool)

  test("webhooks of that contact and of others are accepted and readers continue, however long it takes", async () => {
    const [customer, other] = [await addCustomer(pool(), "facebook"), await addCustomer(pool(), "facebook")]
    await (await start()).post("facebook", text(customer.pageId, CONTACT, "before"))
    const gateway = await start()
    const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const store = erasing(pool(), async (erase) => {
      const erased = await erase()
      reached.resolve()
      await goOn.promise
      return erased
    })
    const erased = createStores(store, vault).contacts.erase(customer.id, await only(customer))
    await reached.promise
    await gateway.post("facebook", text(customer.pageId, CONTACT, "meanwhile"))
    await gateway.post("facebook", text(other.pageId, CONTACT, "other"))
    const { data } = await createStores(pool(), vault).events.follow(other.id, {}, { after: 0, limit: 10 })
    expect(data.map(({ body }) => JSON.parse(body).message?.body)).toContain("other")
    goOn.resolve()
    expect(await erased).toBe(true)
    expect(await messages(customer)).toEqual(["meanwhile"])
  })
})
