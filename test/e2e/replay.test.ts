import { afterAll, beforeAll, expect, test } from "vitest"
import { freePort } from "../../bench/support/processes.ts"
import { addTenant, type Instance, messengerText, postWebhook } from "../support/onehook.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes, type Installation } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const EVENTS = 600
const AFTER = "2020-01-01T00:00:00Z"

describeSizes("replay", (size) => {
  let installation: Installation
  let gateway: Instance
  let dispatcher: Instance | undefined
  let receiver: Receiver
  let PORT: string

  beforeAll(async () => {
    PORT = String(await freePort())
    installation = await size.install()
    receiver = await startReceiver()
    gateway = size.apart ? await installation.startRole("gateway") : await installation.startAll({ PORT })
    dispatcher = size.apart ? await installation.startRole("dispatcher") : undefined
  })
  afterAll(async () => {
    await installation?.remove()
    await receiver?.close()
  })

  test("a replay continues after kill -9: each event is delivered again with its id", async () => {
    const tenant = await addTenant(gateway.url, { url: receiver.url })
    for (let sent = 0; sent < EVENTS; sent += 100) {
      const [first, ...others] = Array.from({ length: 100 }, (_, i) => messengerText(tenant.pageId, `m_${sent + i}`))
      const webhook = { ...first, entry: [first, ...others].flatMap((one) => one?.entry ?? []) }
      expect((await postWebhook(gateway.url, webhook)).status).toBe(200)
    }
    await until(() => receiver.ids().size === EVENTS, "the events")
    const before = receiver.requests.length
    const ids = receiver.ids()

    const url = `/v1/endpoints/${tenant.endpointId}/replays`
    expect(await tenant.call("POST", url, { after: AFTER, dry_run: true })).toMatchObject({ total: EVENTS })
    const replay = await tenant.call<{ id: string }>("POST", url, { after: AFTER, rate: 200 })
    const again = () => receiver.requests.slice(before)
    await until(() => again().length > 100, "the replay to be under way")
    await (dispatcher ?? gateway).kill("SIGKILL")
    const atKill = again().length
    expect(atKill).toBeLessThan(EVENTS)
    if (size.apart) {
      await installation.startRole("dispatcher")
      await installation.startRole("dispatcher")
    } else gateway = await installation.startAll({ PORT })

    await until(() => new Set(again().map(({ id }) => id)).size === EVENTS, "every event again", 40_000)
    expect(new Set(again().map(({ id }) => id))).toEqual(ids)
    // Deliveries sent but not recorded at the crash arrive twice: at most as many as a replay keeps pending.
    expect(again().length - EVENTS).toBeLessThanOrEqual(200)
    await until(
      async () => (await tenant.call<{ status: string }>("GET", `/v1/replays/${replay.id}`)).status === "done",
      "the replay to be done",
    )
    expect(await tenant.call("GET", `/v1/replays/${replay.id}`)).toMatchObject({ total: EVENTS, made: EVENTS })
  }, 90_000)
})
