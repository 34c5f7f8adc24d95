import { AppError } from "../../core/api/problem.ts"
import { DeliveryWithAttempts } from "../../core/api/resources/delivery.ts"
import { EndpointTest } from "../../core/api/resources/endpoint-test.ts"
import type { DeliveriesStore } from "../../core/api/stores/deliveries.ts"
import type { EndpointsStore } from "../../core/api/stores/endpoints.ts"
import type { EventRow } from "../../core/commit-rows.ts"
import type { EventName, Platform } from "../../core/event/event.ts"
import { samplePlatforms } from "../../platforms/samples.ts"
import { found, type Routes } from "../routing/route.ts"

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
    summary: "Send an endpoint a test event",
    description:
      "Of any sort, whatever the endpoint subscribes to, made from a real webhook with a sample page. It goes the way " +
      "of every delivery; the attempt's trigger is `test`. Only this endpoint gets it, and lists of events leave it out.",
    body: EndpointTest,
    answer: DeliveryWithAttempts,
    status: 201,
    async handle({ customerId, id: endpointId, body: { event, platform } }) {
      found(await endpoints.get(customerId, endpointId))
      const row = testEvent(customerId, event, platform ?? (samplePlatforms(event)[0] as Platform))
      if (!row) throw noSuchSample(event)
      const id = newId("dlv")
      await deliveries.addTest(row, { id, endpointId })
      wake(endpointId)
      return found(await deliveries.get(customerId, id))
    },
  })
}

function noSuchSample(event: EventName): AppError {
  const message = `has no ${event}; it comes from ${samplePlatforms(event).join(", ")}`
  return new AppError("invalid_body", `platform ${message}.`, { errors: [{ path: "platform", message }] })
}
