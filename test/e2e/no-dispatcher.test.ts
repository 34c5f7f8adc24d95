import { expect, onTestFinished, test } from "vitest"
import { addTenant, messengerText, postWebhook } from "../support/onehook.ts"
import { describeSizes } from "../support/sizes.ts"
import { until } from "../support/until.ts"

describeSizes(
  "without a dispatcher",
  (size) => {
    test("a gateway reports how long deliveries have waited", async () => {
      const installation = await size.install()
      onTestFinished(installation.remove)
      const gateway = await installation.startRole("gateway")
      const tenant = await addTenant(gateway.url, { url: "http://127.0.0.1:9/" })
      const oldestDue = async () => {
        const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
        return Number(/^onehook_oldest_due_seconds (\S+)/m.exec(metrics)?.[1])
      }
      expect((await postWebhook(gateway.url, messengerText(tenant.pageId, "m_waits"))).status).toBe(200)
      const first = await until(oldestDue, "the gateway to measure")
      await until(async () => (await oldestDue()) > first, "it to measure again")
    })
  },
  ({ apart, redis }) => apart && !redis,
)
