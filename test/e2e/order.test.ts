import { afterAll, beforeAll, expect, test } from "vitest"
import { addTenant, type Instance, messengerText, postWebhook } from "../support/onehook.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

/** `ORDER_TEST=200x50` runs the full size. */
const [CONVERSATIONS = 40, MESSAGES = 12] = (process.env.ORDER_TEST ?? "40x12").split("x").map(Number)
const ALL = CONVERSATIONS * MESSAGES
/** One request in this many fails at random; never many in a row, which would trip the circuit breaker. */
const ONE_IN = 5

describeSizes(
  "ordered delivery by two dispatchers",
  (size) => {
    let installation: Installation
    let gateways: Instance[]
    let dispatchers: Instance[]
    let receiver: Receiver
    /** The number of messages per conversation that got a 200. */
    const accepted = new Map<string, number>()
    const outOfOrder: string[] = []
    let repeated = 0
    let requests = 0
    let failing = 0
    let total = 0

    beforeAll(async () => {
      installation = await size.install()
      gateways = [await installation.startRole("gateway"), await installation.startRole("gateway")]
      dispatchers = [await installation.startRole("dispatcher"), await installation.startRole("dispatcher")]
      receiver = await startReceiver(({ body }) => {
        const [conversation = "", position] = JSON.parse(body).message.body.split(":")
        const next = accepted.get(conversation) ?? 0
        if (Number(position) > next) outOfOrder.push(`${conversation}: ${position} instead of ${next}`)
        if (Number(position) < next) repeated += 1
        if (requests % ONE_IN === 0) failing = Math.floor(Math.random() * ONE_IN)
        if (requests++ % ONE_IN === failing) return 500
        if (Number(position) === next) {
          accepted.set(conversation, next + 1)
          total += 1
        }
        return 200
      })
    })
    afterAll(async () => {
      await installation?.remove()
      await receiver?.close()
    })

    async function converse(pageId: string, conversation: number) {
      for (let position = 0; position < MESSAGES; position++) {
        const body = messengerText(pageId, `m_${conversation}_${position}`, `c${conversation}:${position}`)
        for (const { messaging } of body.entry)
          for (const { sender } of messaging) sender.id = `${9_000 + conversation}`
        const gateway = gateways[position % gateways.length] as Instance
        expect((await postWebhook(gateway.url, body)).status).toBe(200)
      }
    }

    /** The dispatcher that owns the endpoint. */
    async function busyDispatcher() {
      for (const dispatcher of dispatchers) {
        const metrics = await (await fetch(`${dispatcher.url}/metrics`)).text()
        if (/^onehook_attempts_total\{.*\} [1-9]/m.test(metrics)) return dispatcher
      }
      return undefined
    }

    test("every conversation arrives in order and complete, although one request in five fails and a dispatcher dies", async () => {
      const endpoint = { url: receiver.url, ordering: "conversation", retry_schedule: Array(19).fill(1) }
      const { pageId } = await addTenant(gateways[0]?.url ?? "", endpoint)
      const posting = Promise.all(Array.from({ length: CONVERSATIONS }, (_, number) => converse(pageId, number)))
      await until(() => total > ALL / 3, "a third to arrive")
      const victim = await until(busyDispatcher, "a dispatcher at work")
      await victim.kill("SIGKILL")
      await posting
      await until(() => total === ALL || outOfOrder.length > 0, "every message", 240_000)
      console.log(`sent ${ALL}, delivered ${total}, repeated ${repeated}, out of order ${outOfOrder.length}, lost 0`)
      expect(outOfOrder).toEqual([])
    }, 300_000)
  },
  ({ redis }) => redis,
)
