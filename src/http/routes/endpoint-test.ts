import { DeliveryWithAttempts } from "../../core/api/resources/delivery.ts"
import { EndpointTest } from "../../core/api/resources/endpoint-test.ts"
import type { DeliveriesStore } from "../../core/api/stores/deliveries.ts"
import type { EndpointsStore } from "../../core/api/stores/endpoints.ts"
import type { EventRow } from "../../core/commit-rows.ts"
import type { EventName, Platform } from "../../core/event/event.ts"
import { samplePlatforms } from "../../platforms/samples.ts"
import { found, type Routes } from "../routing/route.ts"
import { invalidField } from "../routing/validate.ts"

interface EndpointTestDeps {
  endpoints: Pick<EndpointsStore, "get">
  deliveries: DeliveriesStore
  testEvent(customerId: string, event: EventName, platform: Platform): EventRow | null
  newId(prefix: string): string
  wake(endpointId: string): void
}

export function endpointTestRoute(routes: Routes, deps: EndpointTestDeps): void {
  const { endpoints, deliveries, testEvent, newId, wake } = deps
  routes.customer("write", {
    method: "POST",
    url: "/v1/endpoints/:id/test",
    operation: "testEndpoint",
    summary: "Send a test event to an endpoint",
    description:
      "The event is built from a real webhook of a sample page and sent like any other delivery, even if the endpoint " +
      "does not subscribe to it; the attempt's `trigger` is `test`. Only this endpoint receives it, and event lists omit it.",
    body: EndpointTest,
    response: DeliveryWithAttempts,
    status: 201,
    async handle({ customerId, id: endpointId, body: { event, platform } }) {
      found(await endpoints.get(customerId, endpointId))
      const row = testEvent(customerId, event, platform ?? (samplePlatforms(event)[0] as Platform))
      if (!row) {
        throw invalidField("platform", `does not send ${event}; allowed are ${samplePlatforms(event).join(", ")}`)
      }
      const id = newId("dlv")
      await deliveries.addTest(row, { id, endpointId })
      wake(endpointId)
      return found(await deliveries.get(customerId, id))
    },
  })
}
