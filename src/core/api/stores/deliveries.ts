import type { EventRow } from "../../commit-rows.ts"
import type { Page, PageRequest } from "../resources/common.ts"
import type { Delivery, DeliveryFilter, DeliveryWithAttempts } from "../resources/delivery.ts"

export interface DeliveriesStore {
  /** Newest first. */
  list(customerId: string, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>
  get(customerId: string, id: string): Promise<DeliveryWithAttempts | null>
  /** Stores an event for one endpoint only, with its delivery. */
  addTest(event: EventRow, delivery: { id: string; endpointId: string }): Promise<void>
  /**
   * Makes a delivery due now, whatever its state.
   *
   * @returns its endpoint; "gone" if the endpoint was deleted or the event has expired; null if there is no such
   * delivery
   */
  retry(customerId: string, id: string): Promise<string | "gone" | null>
}
