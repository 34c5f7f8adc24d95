import type { Directory, Endpoint } from "../../core/delivery/endpoint.ts"
import { type PageRow, pageKeys } from "./directory-rows.ts"

/** The pages and endpoints of one customer. */
export interface CustomerEntry {
  pages: PageRow[]
  endpoints: Endpoint[]
}

/**
 * Finds a page's owners, a customer's endpoints and an endpoint by its id, in memory.
 *
 * @param ownerOfApp the customer who registered an app; null for the operator's apps
 */
export function createDirectoryIndex(ownerOfApp: (appId: string) => string | null) {
  const customers = new Map<string, CustomerEntry>()
  const owners = new Map<string, string[]>()
  const endpoints = new Map<string, Endpoint>()

  function forget(customerId: string) {
    const entry = customers.get(customerId)
    if (!entry) return
    customers.delete(customerId)
    for (const endpoint of entry.endpoints) endpoints.delete(endpoint.id)
    for (const key of entry.pages.flatMap(pageKeys)) {
      const others = owners.get(key)?.filter((owner) => owner !== customerId) ?? []
      if (others.length > 0) owners.set(key, others)
      else owners.delete(key)
    }
  }

  function remember(customerId: string, entry: CustomerEntry) {
    customers.set(customerId, entry)
    for (const endpoint of entry.endpoints) endpoints.set(endpoint.id, endpoint)
    for (const key of entry.pages.flatMap(pageKeys)) {
      const known = owners.get(key) ?? []
      if (!known.includes(customerId)) owners.set(key, [...known, customerId])
    }
  }

  /**
   * Replaces the entries of the customers; those without a new entry are removed.
   *
   * @param customerIds null: of all customers
   */
  function replace(customerIds: readonly string[] | null, entries: ReadonlyMap<string, CustomerEntry>) {
    for (const id of customerIds ?? [...customers.keys()]) forget(id)
    for (const [id, entry] of entries) remember(id, entry)
  }

  const directory: Directory = {
    owners(appId, { platform, pageId, wabaId, event }) {
      const exact = owners.get(`${appId}|${platform}|${pageId}`)
      if (exact) return exact
      if (event === "webhook.test") return [ownerOfApp(appId)].filter((owner) => owner !== null)
      // Account-wide events only: an event that names a phone number belongs to that number's owner or to nobody.
      return (pageId === wabaId && owners.get(`${appId}|waba|${wabaId}`)) || []
    },
    endpointsOf: (customerId) => customers.get(customerId)?.endpoints ?? [],
  }

  return {
    directory,
    replace,
    endpoint: (endpointId: string) => endpoints.get(endpointId),
    endpoints: () => endpoints.values(),
  }
}
