import { expect, test } from "vitest"
import { describeApi } from "../harness.ts"
import { commitFault } from "../records.ts"

describeApi("faults", (api) => {
  test("the operator deletes one, and only that one", async () => {
    await commitFault(api())
    await commitFault(api())
    const list = async () => (await api().asOperator({ url: "/v1/faults" })).body.data
    const [one, other] = await list()
    expect(one).toMatchObject({ platform: "facebook", page_id: null, item: "{}" })
    const url = `/v1/faults/${one.id}`
    expect((await api().asOperator({ method: "DELETE", url })).status).toBe(204)
    expect(await list()).toEqual([other])
    expect((await api().asOperator({ method: "DELETE", url })).status).toBe(404)
  })
})
