import { pageOf } from "../../core/resources/common.ts"
import { Delivery, DeliveryQuery, DeliveryWithAttempts } from "../../core/resources/delivery.ts"
import { CURSORS, pageAnswer, pageRequest } from "../pages.ts"
import { found, type Routes } from "../route.ts"
import type { DeliveriesStore } from "../stores.ts"

export function deliveryRoutes(routes: Routes, { deliveries }: { deliveries: DeliveriesStore }): void {
  routes.customer("read", {
    method: "GET",
    url: "/v1/deliveries",
    operation: "listDeliveries",
    summary: "List deliveries",
    query: DeliveryQuery,
    answer: pageOf(Delivery),
    async handle({ customerId, query }) {
      const page = pageRequest(CURSORS.deliveries, query)
      return pageAnswer(CURSORS.deliveries, await deliveries.list(customerId, query, page))
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/deliveries/:id",
    operation: "getDelivery",
    summary: "Get a delivery, with its attempts",
    answer: DeliveryWithAttempts,
    async handle({ customerId, id }) {
      return found(await deliveries.get(customerId, id))
    },
  })
}
