import { expect, test } from "vitest"
import { NewEndpoint } from "../../../src/core/api/resources/endpoint.ts"
import { NewReplay } from "../../../src/core/api/resources/replay.ts"
import { stepReplay } from "../../../src/store/deliveries/replay-step.ts"
import { newId } from "../../support/rows.ts"
import { describeStores } from "../../support/stores.ts"
import { AFTER, given, ids } from "./replay-world.ts"

const failOn = (error: unknown) => {
  throw error
}

describeStores("a replay", (pool) => {
  test("whose step fails goes on as if it had not been", async () => {
    const { add, start, waiting } = await given(pool())
    await add(5)
    await start()
    const twice = newId("dlv")
    const errors: unknown[] = []
    const fail = () =>
      stepReplay(
        pool(),
        (count) => Array.from({ length: count }, () => twice),
        (error) => errors.push(error),
      )
    expect(await fail()).toBe("later")
    expect(errors).toHaveLength(1)
    expect(await waiting()).toEqual([])
    await pool().query("update replays set next_at = now()")
    expect(await stepReplay(pool(), ids, failOn)).toMatchObject({ made: 5 })
  })

  test("that fails at every step lets the others go first, and ends as failed with the reason", async () => {
    const broken = await given(pool())
    const { id } = await broken.start()
    await pool().query("update replays set position = 'not a number' where id = $1", [id])
    const errors: unknown[] = []
    const step = () => stepReplay(pool(), ids, (error) => errors.push(error))
    expect(await step()).toBe("later")
    expect(await broken.replays.get(broken.customerId, id)).toMatchObject({
      status: "running",
      error: "database error 22P02",
    })

    const endpointId = newId("ep")
    const endpoint = NewEndpoint.parse({ url: "https://a.example" })
    const owner = { id: endpointId, customer_id: broken.customerId, secret: "whsec_c2VjcmV0" }
    await broken.endpoints.create({ ...endpoint, ...owner }, 10)
    await broken.add(3)
    const { replays, customerId } = broken
    const body = NewReplay.parse({ after: AFTER })
    await replays.create({ id: newId("rpl"), customerId, endpointId, given: body, nowMs: Date.now() }, 10)
    expect(await step()).toMatchObject({ endpointId, made: 3 })

    for (let tries = 0; tries < 4; tries++) {
      await pool().query("update replays set next_at = now() where id = $1", [id])
      await step()
    }
    expect(errors).toHaveLength(5)
    expect(await replays.get(customerId, id)).toMatchObject({
      status: "failed",
      error: "database error 22P02",
      finished_at: expect.any(String),
    })
    expect(await step()).toBe("none")
  })

  test("is not blamed for a store that is unavailable", async () => {
    const { add, start, replays, customerId } = await given(pool())
    await add(1)
    const { id } = await start()
    const gone = Object.assign(new Error("terminating connection"), { code: "57P01" })
    const away = { query: pool().query, transaction: () => pool().transaction(() => Promise.reject(gone)) }
    await expect(stepReplay(away, ids, failOn)).rejects.toThrow("terminating connection")
    expect(await replays.get(customerId, id)).toMatchObject({ status: "running", error: null })
  })
})
