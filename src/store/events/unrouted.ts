import type { UnroutedPage } from "../../core/api/resources/operator.ts"
import type { UnroutedStore } from "../../core/api/stores/operator.ts"
import type { Queryable } from "../connection/pool.ts"
import { iso, toPage } from "../connection/rows.ts"

interface Row {
  app_id: string
  platform: string
  page_id: string
  events: string
  test_events: string
  first_seen_at: Date
  last_seen_at: Date
}

/** Neither app ids nor platforms contain it. The page's id comes last, so it may. */
const SEPARATOR = "/"

export function createUnroutedStore(pool: Queryable): UnroutedStore {
  return {
    async list(page) {
      const [app = null, platform = null, ...pageId] = page.after?.split(SEPARATOR) ?? []
      const { rows } = await pool.query<Row>(
        `select app_id, platform, page_id, events::text as events,
           test_events::text as test_events, first_seen_at, last_seen_at from unrouted_pages
         where $1::text is null or (app_id, platform collate "C", page_id) > ($1, $2, $3)
         order by app_id, platform collate "C", page_id limit $4`,
        [app, platform, pageId.join(SEPARATOR), page.limit + 1],
      )
      return toPage(rows, page, keyOf, present)
    },
  }
}

function keyOf(row: Row): string {
  return [row.app_id, row.platform, row.page_id].join(SEPARATOR)
}

function present(row: Row): UnroutedPage {
  return {
    app_id: row.app_id,
    platform: row.platform,
    page_id: row.page_id,
    events: Number(row.events),
    test_events: Number(row.test_events),
    first_seen_at: iso(row.first_seen_at),
    last_seen_at: iso(row.last_seen_at),
  }
}
