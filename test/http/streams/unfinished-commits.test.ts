import { expect, test } from "vitest"
import { describePostgres } from "../../support/stores.ts"
import { newCustomer, useApi } from "../harness.ts"
import { commitEvent } from "../records.ts"

describePostgres("while a commit does not end", (pool) => {
  const api = useApi({}, pool)

  test("a stream and a replay are refused with a retry, instead of starting at the wrong position", async () => {
    const { id, as } = await newCustomer(api())
    const endpoint = (await as({ method: "POST", url: "/v1/endpoints", body: { url: "https://a.example" } })).body
    const body = { after: "2020-01-01T00:00:00Z" }
    const replay = { method: "POST", url: `/v1/endpoints/${endpoint.id}/replays`, body } as const
    await commitEvent(api(), { customerId: id })
    await pool().transaction(async (connection) => {
      await connection.query("select nextval('event_seq')")
      for (const call of [{ url: "/v1/events/stream" }, replay, { ...replay, body: { ...body, dry_run: true } }]) {
        const later = { status: 503, body: { code: "store_unavailable" }, headers: { "retry-after": "1" } }
        expect(await as(call)).toMatchObject(later)
      }
    })
    expect((await as({ url: "/v1/events/stream" })).text).not.toContain("data:")
    expect(await as(replay)).toMatchObject({ status: 200, body: { total: 1 } })
  })
})
