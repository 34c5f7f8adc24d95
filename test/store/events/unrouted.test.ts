import { expect, test } from "vitest"
import { noRows } from "../../../src/core/commit-rows.ts"
import { commit, MAX_UNROUTED_PAGES } from "../../../src/store/events/commit.ts"
import { describeStores } from "../../support/stores.ts"

describeStores("unrouted pages", (pool) => {
  const page = (appId: string, number: number) => ({
    appId,
    platform: "facebook",
    pageId: `p${number}`,
    events: 1,
    testEvents: 0,
  })
  const see = (appId: string, from: number, count: number) => {
    const unrouted = Array.from({ length: count }, (_, index) => page(appId, from + index))
    return commit(pool(), { ...noRows(), unrouted })
  }
  async function pagesOf(appId: string) {
    const { rows } = await pool().query<{ pages: number; events: number }>(
      "select count(*)::int as pages, sum(events)::int as events from unrouted_pages where app_id = $1",
      [appId],
    )
    return rows[0]
  }

  test("are limited for each app, in one webhook and over many, and known ones are still counted", async () => {
    await see("app_flood", 0, 20_000)
    expect(await pagesOf("app_flood")).toEqual({ pages: MAX_UNROUTED_PAGES, events: MAX_UNROUTED_PAGES })
    await see("app_flood", 50_000, 10)
    const { rows } = await pool().query<{ page_id: string }>(
      "select page_id from unrouted_pages where app_id = 'app_flood' limit 1",
    )
    await see("app_flood", Number(rows[0]?.page_id.slice(1)), 1)
    expect(await pagesOf("app_flood")).toEqual({ pages: MAX_UNROUTED_PAGES, events: MAX_UNROUTED_PAGES + 1 })
    await see("app_other", 0, 3)
    await see("app_other", 1, 3)
    expect(await pagesOf("app_other")).toEqual({ pages: 4, events: 6 })
  })
})
