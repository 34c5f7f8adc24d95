import { AppError } from "../../core/api/problem.ts"
import { pageOf } from "../../core/api/resources/common.ts"
import { Delivery, DeliveryQuery, DeliveryWithAttempts } from "../../core/api/resources/delivery.ts"
import type { DeliveriesStore } from "../../core/api/stores/deliveries.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import { found, type Routes } from "../routing/route.ts"

interface DeliveryRoutesDeps {
  deliveries: DeliveriesStore
  /** Tells the dispatchers that the endpoint may have due deliveries. */
  wake(endpointId: string): void
}

export function deliveryRoutes(routes: Routes, { deliveries, wake }: DeliveryRoutesDeps): void {
  routes.customer("read", {
    method: "GET",
    url: "/v1/deliveries",
    operation: "listDeliveries",
    summary: "List deliveries",
    query: DeliveryQuery,
    response: pageOf(Delivery),
    async handle({ customerId, query }) {
      const page = pageRequest(CURSORS.deliveries, query)
      return pageResponse(CURSORS.deliveries, await deliveries.list(customerId, query, page))
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/deliveries/:id",
    operation: "getDelivery",
    summary: "Get a delivery and its attempts",
    response: DeliveryWithAttempts,
    async handle({ customerId, id }) {
      return found(await deliveries.get(customerId, id))
    },
  })

  routes.customer(["write", "read"], {
    method: "POST",
    url: "/v1/deliveries/:id/retry",
    operation: "retryDelivery",
    summary: "Retry a delivery",
    description:
      "Sends the delivery again immediately, whatever its state. The event keeps its id; the attempt's `trigger` is " +
      "`manual`. Requires `read` beside `write`.",
    response: DeliveryWithAttempts,
    async handle({ customerId, id }) {
      const endpointId = found(await deliveries.retry(customerId, id))
      if (endpointId === "gone") {
        throw new AppError(
          "event_gone",
          "The endpoint was deleted, or the event is no longer stored: it is too old, or its contact was erased.",
        )
      }
      wake(endpointId)
      return found(await deliveries.get(customerId, id))
    },
  })
}
