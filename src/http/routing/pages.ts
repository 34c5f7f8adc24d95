import { byId, type CursorKind, decodeCursor, encodeCursor } from "../../core/api/cursor.ts"
import { AppError } from "../../core/api/problem.ts"
import type { Page, PageRequest } from "../../core/api/resources/common.ts"

export const CURSORS = {
  customers: byId("cus"),
  apiKeys: byId("key"),
  apps: byId("app"),
  connections: byId("con"),
  endpoints: byId("ep"),
  deliveries: byId("dlv"),
  contacts: { name: "contact", key: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ },
  faults: byId("flt"),
  replays: byId("rpl"),
  audit: byId("aud"),
  events: { name: "evt", key: /^\d{1,18}$/ },
  /** The event list in ascending order: a position from which a client can continue later, after new events arrive. */
  following: { name: "after", key: /^\d{1,15}$/ },
  unrouted: { name: "unrouted", key: /^[^/\0]{1,100}\/[^/\0]{1,100}\/[^\0]{0,500}$/ },
} as const satisfies Record<string, CursorKind>

/** @throws AppError invalid_query if the cursor does not belong to this list */
export function pageRequest(kind: CursorKind, query: { limit: number; cursor?: string | undefined }): PageRequest {
  if (query.cursor === undefined) return { limit: query.limit, after: null }
  const after = decodeCursor(kind, query.cursor)
  if (after === null) {
    const message = "must be a next_cursor from this list"
    throw new AppError("invalid_query", `cursor ${message}.`, { errors: [{ path: "cursor", message }] })
  }
  return { limit: query.limit, after }
}

export function pageResponse<T>(kind: CursorKind, { data, next }: Page<T>) {
  return { data, next_cursor: next === null ? null : encodeCursor(kind, next) }
}
