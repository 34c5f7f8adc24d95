import type { AppPatch } from "../resources/app.ts"
import type { Page, PageRequest } from "../resources/common.ts"

/** A customer's id; null for the operator. */
export type AppOwner = string | null

/** An app without the URLs, which depend on where the gateway is reached. */
export interface AppRecord {
  id: string
  name: string
  meta_app_id: string | null
  /** How many there are. */
  secrets: number
  created_at: string
}

interface StoredApp {
  id: string
  owner: AppOwner
  name: string
  meta_app_id: string | null
  secrets: string[]
  verify_token: string
}

export interface AppsStore {
  /** null if the owner has `max` apps. */
  create(app: StoredApp, max: number): Promise<AppRecord | null>
  get(owner: AppOwner, id: string): Promise<AppRecord | null>
  /** Newest first. */
  list(owner: AppOwner, page: PageRequest): Promise<Page<AppRecord>>
  update(owner: AppOwner, id: string, patch: AppPatch): Promise<AppRecord | null>
  /** "in_use" if the app still has connections. */
  remove(owner: AppOwner, id: string): Promise<"removed" | "in_use" | null>
  /** Who owns an app that a customer connects a page to; null if another customer does, or if there is no such app. */
  ownerOf(customerId: string, id: string): Promise<"operator" | "customer" | null>
}
