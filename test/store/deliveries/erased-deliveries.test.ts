import { afterEach, expect, test } from "vitest"
import type { Outcome } from "../../../src/core/delivery/outcome.ts"
import { createDispatcher, type DispatcherDeps } from "../../../src/dispatch/dispatcher.ts"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { recordResults } from "../../../src/store/deliveries/results.ts"
import { openDirectory } from "../../../src/store/directory/directory.ts"
import { createVault } from "../../../src/store/directory/vault.ts"
import { listenForErased, notifyErased } from "../../../src/store/events/erased-events.ts"
import { addCustomer, type TestCustomer, useGateways } from "../../support/gateways.ts"
import { messaging, newMid, text } from "../../support/messenger.ts"
import { record } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"
import { until } from "../../support/until.ts"

const CONTACT = "12345678901234"
const SECRET = "my card number is 4111"
const ANSWER: Outcome = { kind: "response", status: 200, retryAfterMs: null, excerpt: "" }
const vault = createVault([{ id: "k1", key: new Uint8Array(32).fill(7) }])
const failOn = (error: unknown) => {
  throw error
}

describeStores("what a dispatcher has prefetched", (pool) => {
  const start = useGateways(pool)
  const closers: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  /** A dispatcher whose first request is answered when the test decides, and all others at once. */
  async function dispatching({ endpointId }: TestCustomer) {
    const directory = await openDirectory(pool(), vault, failOn, failOn)
    const drains = createDrainsStore(pool().relaxed, () => "me", 30)
    const [sent, first] = [[] as string[], Promise.withResolvers<void>()]
    let heard = 0
    const attempt: DispatcherDeps["attempt"] = async (endpoint, delivery, answered) => {
      sent.push(delivery.body)
      if (sent.length === 1) await first.promise
      answered(ANSWER, "delivered")
      await recordResults(pool().relaxed, [record(endpoint.id, delivery)])
      return { retryInMs: null }
    }
    const dispatcher = createDispatcher({
      holder: () => "me",
      isLive: () => true,
      endpoint: directory.endpoint,
      now: () => performance.now(),
      random: Math.random,
      claim: async (request) => (await drains.claim([request]))[0] ?? failOn(new Error("no claim")),
      attempt,
      release: async (request) => (await drains.release([request]))[0] ?? null,
      hold: (request) => drains.hold([request]),
      renew: drains.renew,
      renewEveryMs: 3_000,
      leaseMs: 10_000,
      wakeLater() {},
      forwardWake() {},
      onError: failOn,
    })
    const erased = await listenForErased(pool(), (isErased) => {
      dispatcher.erased(isErased)
      heard += 1
    })
    closers.push(
      () => directory.close(),
      () => dispatcher.stop(),
      () => erased.close(),
    )
    dispatcher.wake([endpointId])
    await until(() => sent.length === 1, "the first to be sent")
    return {
      sent,
      heard: () => until(() => heard > 1, "the dispatcher to be notified"),
      answer: () => first.resolve(),
    }
  }

  const open = async ({ id }: TestCustomer) =>
    (await pool().query("select from deliveries where customer_id = $1 and finished_at is null", [id])).rows.length
  const ONE_AT_A_TIME = { max_concurrency: 1 }

  test.each(["none", "conversation"])("of an erased contact is not sent, with ordering %s", async (ordering) => {
    const customer = await addCustomer(pool(), "facebook", ["message.received"], { ...ONE_AT_A_TIME, ordering })
    const gateway = await start()
    for (let count = 0; count < 6; count++) await gateway.post("facebook", text(customer.pageId, CONTACT, SECRET))
    await gateway.post("facebook", text(customer.pageId, "555", "of another"))
    const { sent, heard, answer } = await dispatching(customer)
    const contact = (await customer.list()).find(({ scoped_id }) => scoped_id === CONTACT)
    await customer.contacts.erase(customer.id, contact?.id ?? "")
    await heard()
    answer()
    await until(async () => (await open(customer)) === 0, "nothing to be left")
    expect(sent.map((body) => JSON.parse(body).message.body)).toEqual([SECRET, "of another"])
  })

  test.each(["none", "conversation"])(
    "of an unsent message is sent without its text, with ordering %s",
    async (ordering) => {
      const customer = await addCustomer(pool(), "facebook", ["message.received"], { ...ONE_AT_A_TIME, ordering })
      const gateway = await start()
      const mid = newMid()
      await gateway.post("facebook", text(customer.pageId, CONTACT, "one"))
      await gateway.post("facebook", text(customer.pageId, CONTACT, SECRET, mid))
      await gateway.post("facebook", text(customer.pageId, CONTACT, "three"))
      const { sent, heard, answer } = await dispatching(customer)
      await gateway.post("facebook", messaging(customer.pageId, CONTACT, { message: { mid, is_deleted: true } }))
      await heard()
      answer()
      await until(async () => (await open(customer)) === 0, "nothing to be left")
      expect(sent.map((body) => JSON.parse(body).message.body)).toEqual(["one", "", "three"])
    },
  )

  test("is identified by customer and event, however many events are erased at once", async () => {
    const named: Parameters<Parameters<typeof listenForErased>[1]>[0][] = []
    const listening = await listenForErased(pool(), (isErased) => void named.push(isErased))
    closers.push(() => listening.close())
    named.length = 0
    const eventId = (number: number) => `evt_${String(number).padStart(26, "0")}`
    const numbers = Array.from({ length: 1_000 }, (_, number) => number)
    const source = "unnest($1::text[], $2::text[]) as t (customer_id, id)"
    await pool().query(notifyErased(source), [numbers.map((n) => `cus_${n % 2}`), numbers.map(eventId)])
    const isNamed = (customerId: string, n: number) => named.some((is) => is({ customerId, eventId: eventId(n) }))
    await until(() => numbers.every((n) => isNamed(`cus_${n % 2}`, n)), "all to be named")
    expect(isNamed("cus_0", 1)).toBe(false)
    expect(isNamed("cus_0", 1_000)).toBe(false)
  })
})
