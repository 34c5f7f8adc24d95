import { expect, test } from "vitest"
import { describeApi, newCustomer } from "../harness.ts"
import { commitEvent } from "../records.ts"

const AFTER = "2020-01-01T00:00:00Z"

describeApi("replays", (api) => {
  async function given() {
    const customer = await newCustomer(api())
    const endpoint = await customer.as({ method: "POST", url: "/v1/endpoints", body: { url: "https://a.example" } })
    const url = `/v1/endpoints/${endpoint.body.id}/replays`
    await commitEvent(api(), { customerId: customer.id })
    const start = (body: object, headers: Record<string, string> = {}) =>
      customer.as({ method: "POST", url, body, headers })
    return { ...customer, endpointId: endpoint.body.id as string, url, start }
  }

  test("are counted by a dry run, then created, shown, listed and canceled", async () => {
    const { as, start, endpointId } = await given()
    expect((await start({ after: AFTER, dry_run: true })).body).toEqual({ dry_run: true, total: 1 })
    expect((await as({ url: "/v1/replays" })).body.data).toEqual([])
    const { body: replay } = await start({ after: AFTER, rate: 5 })
    expect(replay).toMatchObject({ endpoint_id: endpointId, status: "running", rate: 5, total: 1, made: 0 })
    expect((await as({ url: `/v1/replays/${replay.id}` })).body).toEqual(replay)
    expect((await as({ url: `/v1/replays?endpoint_id=${endpointId}` })).body).toEqual({
      data: [replay],
      next_cursor: null,
    })
    expect((await as({ url: "/v1/replays?endpoint_id=ep_other" })).body.data).toEqual([])
    const canceled = await as({ method: "POST", url: `/v1/replays/${replay.id}/cancel` })
    expect(canceled.body).toMatchObject({ status: "canceled", finished_at: expect.any(String) })
  })

  test("are created once per Idempotency-Key", async () => {
    const { as, start } = await given()
    const [one, two] = [
      await start({ after: AFTER }, { "idempotency-key": "r1" }),
      await start({ after: AFTER }, { "idempotency-key": "r1" }),
    ]
    expect(two.text).toBe(one.text)
    expect((await as({ url: "/v1/replays" })).body.data).toHaveLength(1)
  })

  test("are limited in how many run at once", async () => {
    const { start } = await given()
    for (let count = 0; count < 10; count++) expect((await start({ after: AFTER })).status).toBe(200)
    expect(await start({ after: AFTER })).toMatchObject({ status: 409, body: { code: "limit_reached" } })
  })

  test("end when their endpoint is deleted", async () => {
    const { as, start, endpointId } = await given()
    const { body } = await start({ after: AFTER })
    await as({ method: "DELETE", url: `/v1/endpoints/${endpointId}` })
    expect((await as({ url: `/v1/replays/${body.id}` })).status).toBe(404)
  })

  test.each([
    ["no time", {}, "after"],
    ["a time that is none", { after: "yesterday" }, "after"],
    ["a state that needs no replay", { after: AFTER, state: "pending" }, "state"],
    ["an event that is none", { after: AFTER, event: "message" }, "event"],
    ["a rate that is none", { after: AFTER, rate: 0 }, "rate"],
    ["an unknown key", { after: AFTER, until: AFTER }, "until"],
  ])("are refused with %s", async (_name, body, path) => {
    const { start } = await given()
    const answer = await start(body)
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_body", errors: [{ path }] } })
  })
})
