import { expect, test } from "vitest"
import { createCustomersStore } from "../../../src/store/directory/customers.ts"
import { createMaintenanceStore } from "../../../src/store/housekeeping/maintenance.ts"
import { addCustomer, useGateways } from "../../support/gateways.ts"
import { describeStores } from "../../support/stores.ts"
import { until } from "../../support/until.ts"
import { whatsappText } from "../../support/whatsapp.ts"

const TABLES = ["events", "deliveries", "contacts", "contact_aliases"]

describeStores("a customer that is removed", (pool) => {
  const start = useGateways(pool)
  const keepHouse = () => createMaintenanceStore(pool(), 30).expire(Date.now())

  async function left(customerId: string) {
    const counts: Record<string, number> = {}
    for (const table of TABLES) {
      const { rows } = await pool().query(`select from ${table} where customer_id = $1`, [customerId])
      if (rows.length > 0) counts[table] = rows.length
    }
    return counts
  }

  test("gets no more events before its data is removed", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const other = await start()
    const removing = Promise.withResolvers<void>()
    const slow = createCustomersStore({
      ...pool(),
      async longTransaction(work) {
        await removing.promise
        return pool().longTransaction(work)
      },
    })
    const removed = slow.remove(customer.id)
    const page = { platform: "facebook", pageId: customer.pageId } as never
    await until(() => other.directory.owners("app_default", page).length === 0, "the routing to end")
    removing.resolve()
    expect(await removed).toBe(true)
  })

  test("loses what arrived while it was being removed, and no other customer does", async () => {
    const deaf = await start({ ...pool(), listen: async () => ({ close: async () => {} }) })
    const [gone, kept] = [await addCustomer(pool(), "whatsapp"), await addCustomer(pool(), "whatsapp")]
    await deaf.directory.changed(null)
    await gone.remove()
    for (const { pageId } of [gone, kept]) {
      await deaf.post("whatsapp", whatsappText(pageId, { phone: "1000", bsuid: "US.1000" }))
    }
    const all = { events: 2, deliveries: 2, contacts: 1, contact_aliases: 2 }
    expect([await left(gone.id), await left(kept.id)]).toEqual([all, all])
    await keepHouse()
    expect([await left(gone.id), await left(kept.id)]).toEqual([{}, all])
  })

  test("is cleaned up after for a day", async () => {
    const [early, late] = [await addCustomer(pool(), "facebook"), await addCustomer(pool(), "facebook")]
    await early.remove()
    await late.remove()
    await pool().query("update removed_customers set removed_at = now() - interval '25 hours' where id = $1", [
      early.id,
    ])
    await keepHouse()
    const { rows } = await pool().query("select id from removed_customers where id in ($1, $2)", [early.id, late.id])
    expect(rows).toEqual([{ id: late.id }])
  })
})
