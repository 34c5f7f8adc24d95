import { expect, onTestFinished, test } from "vitest"
import { openPool } from "../../src/store/connection/open.ts"
import { addTenant, messengerText, postWebhook, type Tenant } from "../support/onehook.ts"
import { type Receiver, startReceiver } from "../support/receiver.ts"
import { describeSizes } from "../support/sizes.ts"
import { until } from "../support/until.ts"

const UNREADABLE = "secrets of an endpoint cannot be decrypted"

describeSizes(
  "an endpoint whose secret cannot be decrypted",
  (size) => {
    test("has its deliveries wait, across restarts and without delaying others, until the secret is set again", async () => {
      const installation = await size.install()
      onTestFinished(installation.remove)
      const gateway = await installation.startRole("gateway")
      const dispatcher = await installation.startRole("dispatcher")
      const [ofBad, ofGood, moved] = [await startReceiver(), await startReceiver(), await startReceiver()]
      for (const receiver of [ofBad, ofGood, moved]) onTestFinished(() => receiver.close())
      const bad = await addTenant(gateway.url, { url: ofBad.url })
      const good = await addTenant(gateway.url, { url: ofGood.url })
      const deliver = async ({ pageId }: Tenant, mid: string, { get }: Receiver) => {
        expect((await postWebhook(gateway.url, messengerText(pageId, mid))).status).toBe(200)
        await get(({ body }) => body.includes(mid))
      }
      await deliver(bad, "m_before", ofBad)

      const store = await openPool({ kind: "postgres", url: installation.env.DATABASE_URL ?? "" }, () => {})
      onTestFinished(() => store.close())
      const text = "update endpoints set secrets = jsonb_set(secrets, '{0,sealed}', $2::jsonb) where id = $1"
      await store.query(text, [bad.endpointId, JSON.stringify(`v1.k1.${"A".repeat(80)}`)])
      await until(() => [gateway, dispatcher].every(({ output }) => output().includes(UNREADABLE)), "both to log it")
      const waiting = await postWebhook(gateway.url, messengerText(bad.pageId, "m_waiting"))
      expect(waiting.status).toBe(200)
      await good.call("PATCH", `/v1/endpoints/${good.endpointId}`, { url: moved.url })
      await deliver(good, "m_beside", moved)

      await dispatcher.kill()
      const restarted = await installation.startRole("dispatcher")
      await deliver(good, "m_after_restart", moved)
      expect(restarted.output()).toContain(bad.endpointId)
      expect(ofBad.requests).toHaveLength(1)
      await bad.call("POST", `/v1/endpoints/${bad.endpointId}/rotate-secret`, { overlap_hours: 0 })
      await ofBad.get(({ body }) => body.includes("m_waiting"))
      for (const { output } of [gateway, dispatcher, restarted]) {
        expect(output().split(UNREADABLE)).toHaveLength(2)
      }
    })
  },
  ({ apart, redis }) => apart && !redis,
)
