import { expect, test } from "vitest"
import { noRows } from "../../../src/core/commit-rows.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { createFaultsStore } from "../../../src/store/events/faults.ts"
import { newId } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"

describeStores("faults", (pool) => {
  test("come in pages of limited size, and none is skipped", async () => {
    const big = (fill: string) => fill.repeat(700_000)
    const items = ["1", big("a"), big("b"), big("c"), "2"]
    for (const item of items) {
      const fault = {
        id: newId("flt"),
        appId: "app_default",
        platform: "facebook",
        pageId: null,
        path: "",
        reason: "",
        item,
      }
      await commit(pool(), { ...noRows(), faults: [fault] })
    }
    const faults = createFaultsStore(pool())
    const pages: string[][] = []
    for (let after: string | null | undefined; after !== null; ) {
      const page = await faults.list({ after: after ?? null, limit: 250 })
      pages.push(page.data.map(({ item }) => item))
      after = page.next
    }
    expect(pages.map(({ length }) => length)).toEqual([3, 2])
    expect(pages.flat()).toEqual(items.toReversed())
  })
})
