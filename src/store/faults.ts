import type { Platform } from "../core/event.ts"
import type { Page, PageRequest } from "../core/resources/common.ts"
import type { Fault } from "../core/resources/operator.ts"
import { boundedPage } from "./page-bytes.ts"
import type { Queryable } from "./pool.ts"
import { iso } from "./rows.ts"

interface Row {
  id: string
  app_id: string
  platform: Platform
  path: string
  reason: string
  item: string | null
  received_at: Date
}

type ShownRow = Row & { item: string }

const LIST = boundedPage({
  found: "select * from faults where $1::text is null or id < $1 order by id desc limit $2",
  columns: "id, app_id, platform, path, reason, received_at",
  content: "item",
  order: "id desc",
})

/** Faults belong to no customer: what could not be read could not be routed. */
export function createFaultsStore(pool: Queryable) {
  return {
    /** Newest first. */
    async list(page: PageRequest): Promise<Page<Fault>> {
      const { rows } = await pool.query<Row>(LIST, [page.after, page.limit + 1])
      const data = rows.slice(0, page.limit).filter((row): row is ShownRow => row.item !== null)
      return { data: data.map(present), next: data.length < rows.length ? (data.at(-1)?.id ?? null) : null }
    },
  }
}

function present({ received_at, ...row }: ShownRow): Fault {
  return { ...row, received_at: iso(received_at) }
}
