import type { Platform } from "../core/event.ts"
import type { Page, PageRequest } from "../core/resources/common.ts"
import type { Fault } from "../core/resources/operator.ts"
import type { Queryable } from "./pool.ts"
import { iso, toPage } from "./rows.ts"

interface Row {
  id: string
  app_id: string
  platform: Platform
  path: string
  reason: string
  item: string
  received_at: Date
}

/** Faults belong to no customer: what could not be read could not be routed. */
export function createFaultsStore(pool: Queryable) {
  return {
    /** Newest first. */
    async list(page: PageRequest): Promise<Page<Fault>> {
      const { rows } = await pool.query<Row>(
        "select * from faults where $1::text is null or id < $1 order by id desc limit $2",
        [page.after, page.limit + 1],
      )
      return toPage(rows, page, (row) => row.id, present)
    },
  }
}

function present({ received_at, ...row }: Row): Fault {
  return { ...row, received_at: iso(received_at) }
}
