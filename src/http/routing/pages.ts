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
  unrouted: { name: "unrouted", key: /^[^/\0]{1,100}\/[^/\0]{1,100}\/[^\0]{0,500}$/ },
} as const satisfies Record<string, CursorKind>

/** @throws AppError invalid_query if the cursor does not belong to this list */
export function pageRequest(kind: CursorKind, query: { limit: number; cursor?: string | undefined }): PageRequest {
  return requestBy(query, (cursor) => decodeCursor(kind, cursor))
}

/** @throws AppError invalid_query if `decode` does not know the cursor */
export function requestBy(
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  decode: (cursor: string) => string | null,
): PageRequest {
  if (cursor === undefined) return { limit, after: null }
  const after = decode(cursor)
  if (after === null) {
    const message = "must be a next_cursor from this list"
    throw new AppError("invalid_query", `cursor ${message}.`, { errors: [{ path: "cursor", message }] })
  }
  return { limit, after }
}

export function pageResponse<T>(kind: CursorKind, { data, next }: Page<T>) {
  return { data, next_cursor: next === null ? null : encodeCursor(kind, next) }
}
