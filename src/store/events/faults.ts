import type { Fault } from "../../core/api/resources/operator.ts"
import type { FaultsStore } from "../../core/api/stores/operator.ts"
import type { Platform } from "../../core/event/event.ts"
import { boundedPage, withContent } from "../connection/page-bytes.ts"
import type { Queryable } from "../connection/pool.ts"
import { iso, pageOf } from "../connection/rows.ts"

interface Row {
  id: string
  app_id: string
  platform: Platform
  page_id: string | null
  path: string
  reason: string
  item: string | null
  received_at: Date
}

const LIST = boundedPage({
  found: "select * from faults where $1::text is null or id < $1 order by id desc limit $2",
  columns: "id, app_id, platform, page_id, path, reason, received_at",
  content: "item",
  order: "id desc",
})

export function createFaultsStore(pool: Queryable): FaultsStore {
  return {
    async list(page) {
      const { rows } = await pool.query<Row>(LIST, [page.after, page.limit + 1])
      const shown = withContent(rows.slice(0, page.limit), "item")
      return pageOf(shown, shown.length < rows.length, (row) => row.id, present)
    },

    async remove(id) {
      return (await pool.query("delete from faults where id = $1 returning id", [id])).rows.length > 0
    },
  }
}

function present({ received_at, ...row }: Row & { item: string }): Fault {
  return { ...row, received_at: iso(received_at) }
}
