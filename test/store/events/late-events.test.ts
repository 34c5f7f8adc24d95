import { expect, test } from "vitest"
import { createMaintenanceStore } from "../../../src/store/housekeeping/maintenance.ts"
import { addCustomer, useGateways } from "../../support/gateways.ts"
import { messaging, newMid } from "../../support/messenger.ts"
import { describeStores } from "../../support/stores.ts"
import { wamid, whatsapp } from "../../support/whatsapp.ts"

const DAY_MS = 86_400_000
const RETENTION_DAYS = 28
const SAID_IN_2018 = Date.UTC(2018, 4, 14)

/** A message that a business sent in its phone app before it connected its number. */
function history(pageId: string, timestampMs: number, id = wamid()) {
  const message = { from: "15550100123", id, timestamp: String(Math.floor(timestampMs / 1000)), type: "text" }
  const threads = [{ id: "15550100123", messages: [{ ...message, text: { body: "hello" } }] }]
  return whatsapp(pageId, { history: [{ metadata: { phase: 0, chunk_order: 1, progress: 50 }, threads }] }, "history")
}

describeStores("events with another time than their webhook", (pool) => {
  const start = useGateways(pool)

  test("an event from the past is not removed with its day before it could be delivered", async () => {
    const maintenance = createMaintenanceStore(pool(), RETENTION_DAYS)
    const saidMs = Date.now() - (RETENTION_DAYS + 1) * DAY_MS
    await maintenance.partition(saidMs)
    const customer = await addCustomer(pool(), "whatsapp", ["message.history"])
    const gateway = await start()
    const webhook = history(customer.pageId, saidMs)
    await gateway.post("whatsapp", webhook)
    await maintenance.expire(Date.now())
    await gateway.post("whatsapp", webhook)
    expect((await customer.events()).map(({ event }) => event)).toEqual(["message.history"])
    const { rows } = await pool().query("select stage from deliveries where customer_id = $1", [customer.id])
    expect(rows).toEqual([{ stage: "fresh" }])
  })

  test("an event older than the retention is removed after it was stored as long as others", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const gateway = await start()
    for (let count = 0; count < 2; count++) {
      await gateway.post(
        "facebook",
        messaging(customer.pageId, "13579", { timestamp: SAID_IN_2018, message: { mid: newMid(), text: `${count}` } }),
      )
    }
    const places = async () =>
      (
        await pool().query(
          `select tableoid::regclass::text as place from events where customer_id = $1 and event = 'message.received'`,
          [customer.id],
        )
      ).rows
    expect(await places()).toEqual([{ place: "events_undated" }, { place: "events_undated" }])
    const age =
      "update events set received_at = received_at - make_interval(days => $2) where customer_id = $1 and body like $3"
    await pool().query(age, [customer.id, RETENTION_DAYS + 1, '%"0"%'])
    await createMaintenanceStore(pool(), RETENTION_DAYS).expire(Date.now())
    expect(await places()).toEqual([{ place: "events_undated" }])
  })

  test("an event from the future does not prevent the partition of any day", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const gateway = await start()
    const timestamp = Date.now() + 5 * DAY_MS
    const webhook = messaging(customer.pageId, "24680", { timestamp, message: { mid: newMid(), text: "hello" } })
    await gateway.post("facebook", webhook)
    await gateway.post("facebook", webhook)
    await createMaintenanceStore(pool(), RETENTION_DAYS).partition(Date.now() + 4 * DAY_MS)
    const name = `events_${new Date(timestamp).toISOString().slice(0, 10).replaceAll("-", "")}`
    expect((await pool().query("select from pg_class where relname = $1", [name])).rows).toHaveLength(1)
    expect(await customer.delivered()).toEqual(["conversation.started", "message.received"])
  })
})
