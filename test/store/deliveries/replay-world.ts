import { randomUUID } from "node:crypto"
import { NewEndpoint } from "../../../src/core/api/resources/endpoint.ts"
import { NewReplay } from "../../../src/core/api/resources/replay.ts"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { recordResults } from "../../../src/store/deliveries/results.ts"
import { createVault } from "../../../src/store/directory/vault.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { createStores } from "../../../src/store/stores.ts"
import { eventRows, newId, record } from "../../support/rows.ts"

export const ids = (count: number) => Array.from({ length: count }, () => newId("dlv"))
export const AFTER = "2020-01-01T00:00:00Z"

/** A customer with an endpoint, and the steps of a replay test. */
export async function given(pool: Pool, events = ["*"]) {
  const stores = createStores(pool, createVault([{ id: "k1", key: new Uint8Array(32).fill(7) }]))
  // Only one replay runs at a time in a test.
  await pool.query("update replays set status = 'canceled' where status = 'running'")
  const customerId = `cus_${randomUUID().replaceAll("-", "")}`
  await stores.customers.create({ id: customerId, name: "Test" })
  const endpointId = newId("ep")
  const endpoint = NewEndpoint.parse({ url: "https://a.example", events })
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`
  await stores.endpoints.create({ ...endpoint, id: endpointId, customer_id: customerId, secret }, 10)
  return {
    ...stores,
    customerId,
    endpointId,
    /** Stored events, none of them with a delivery to the endpoint. */
    async add(count: number) {
      const made: string[] = []
      for (let done = 0; done < count; done++) {
        const rows = eventRows({ endpointId: "ep_other", customerId })
        await commit(pool, rows)
        made.push(rows.events[0]?.id ?? "")
      }
      return made
    },
    async start(more: object = {}) {
      const body = NewReplay.parse({ after: AFTER, ...more })
      const replay = await stores.replays.create(
        { id: newId("rpl"), customerId, endpointId, given: body, nowMs: Date.now() },
        10,
      )
      if (replay === "full") throw new Error("full")
      return replay
    },
    /** The events of the endpoint's open deliveries, in order. */
    async waiting() {
      const { rows } = await pool.query<{ event_id: string; trigger: string }>(
        "select event_id, trigger from deliveries where endpoint_id = $1 and stage in ('fresh', 'retry', 'replay') order by id",
        [endpointId],
      )
      return rows
    },
    /** Delivers all open deliveries, as a dispatcher would. */
    async deliverAll() {
      const { rows } = await pool.query<{ id: string }>(
        "select id from deliveries where endpoint_id = $1 and stage in ('fresh', 'retry', 'replay')",
        [endpointId],
      )
      await recordResults(
        pool,
        rows.map(({ id }) => record(endpointId, { id, attempts: 0 }, { trigger: "replay" })),
      )
      return rows.length
    },
  }
}
