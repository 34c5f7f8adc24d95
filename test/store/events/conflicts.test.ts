import { describe, expect, test } from "vitest"
import type { AttemptRecord } from "../../../src/core/delivery/delivery.ts"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { recordResults } from "../../../src/store/deliveries/results.ts"
import { retryDelivery } from "../../../src/store/deliveries/retry-delivery.ts"
import { createCustomersStore } from "../../../src/store/directory/customers.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { eventRows, record } from "../../support/rows.ts"
import { describePostgres } from "../../support/stores.ts"
import { until } from "../../support/until.ts"
import { given } from "../deliveries/replay-world.ts"

/** A result moves its delivery to another partition, so a statement that waited for the row must find it again. */
describePostgres("a change of deliveries that meets their results", (pool) => {
  async function waitingDelivery() {
    const { customerId, endpointId, endpoints } = await given(pool())
    const rows = eventRows({ endpointId, customerId })
    await commit(pool(), rows)
    return { customerId, endpointId, endpoints, id: rows.deliveries[0]?.id ?? "" }
  }

  /** Makes the change while the result is written but not committed, and waits for both. */
  async function during<T>(endpointId: string, id: string, change: (pool: Pool) => Promise<T>): Promise<T> {
    const waiters = "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%deliveries%'"
    let changing: Promise<T> | undefined
    await pool().transaction(async (connection) => {
      await recordResults(connection, [record(endpointId, { id, attempts: 0 })])
      changing = change(pool())
      changing.catch(() => {})
      await until(async () => (await pool().query(waiters)).rows.length > 0, "the change to wait for the result")
    })
    return changing as Promise<T>
  }

  test("an endpoint is removed", async () => {
    const { customerId, endpointId, endpoints, id } = await waitingDelivery()
    expect(await during(endpointId, id, () => endpoints.remove(customerId, endpointId))).toBe(true)
  })

  test("a delivery is retried", async () => {
    const { customerId, endpointId, id } = await waitingDelivery()
    expect(await during(endpointId, id, (pool) => retryDelivery(pool, customerId, id))).toBe(endpointId)
  })

  describe("a result waits for a requested retry", () => {
    /** Requests a retry, and writes the result before the retry is committed. */
    async function meet(customerId: string, endpointId: string, id: string, result: Partial<AttemptRecord>) {
      const waiters = "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%with result as%'"
      let recording: Promise<void> | undefined
      const retrying: Pick<Pool, "transaction"> = {
        transaction: (work) =>
          pool().transaction(async (connection) => {
            const answer = await work(connection)
            recording = recordResults(pool().relaxed, [record(endpointId, { id, attempts: 0 }, result)])
            recording.catch(() => {})
            await until(async () => (await pool().query(waiters)).rows.length > 0, "the result to wait for the retry")
            return answer
          }),
      }
      await retryDelivery(retrying as Pool, customerId, id)
      await recording
      const columns = "stage, attempts, trigger, status, response, error"
      return (await pool().query(`select ${columns} from deliveries where id = $1`, [id])).rows[0]
    }

    test("and is written with its text", async () => {
      const { customerId, endpointId, id } = await waitingDelivery()
      const found = await meet(customerId, endpointId, id, { response: "thanks" })
      expect(found).toMatchObject({ stage: "delivered", response: "thanks", error: null })
    })

    test.each(["fresh", "retry"])("and leaves the delivery due if it was the last attempt: %s", async (stage) => {
      const { customerId, endpointId, id } = await waitingDelivery()
      await pool().query("update deliveries set stage = $2, due_at = now() where id = $1", [id, stage])
      const found = await meet(customerId, endpointId, id, { verdict: "exhausted", status: 500, response: "no" })
      expect(found).toMatchObject({ stage: "retry", attempts: 1, trigger: "manual", status: null, response: null })
      const { rows } = await pool().query("select verdict, response from attempts where delivery_id = $1", [id])
      expect(rows).toEqual([{ verdict: "exhausted", response: "no" }])
    })
  })

  test("a customer with many events is removed: the result does not wait for the events", async () => {
    const { customerId, endpointId, id } = await waitingDelivery()
    const waiters = "select from pg_stat_activity where wait_event_type = 'Lock' and query like 'delete from events%'"
    let removing: Promise<boolean> | undefined
    await pool().transaction(async (connection) => {
      await connection.query("select from events where customer_id = $1 for update", [customerId])
      removing = createCustomersStore(pool()).remove(customerId)
      removing.catch(() => {})
      await until(async () => (await pool().query(waiters)).rows.length > 0, "the removal to reach the events")
      await recordResults(pool().relaxed, [record(endpointId, { id, attempts: 0 })])
    })
    expect(await removing).toBe(true)
    expect((await pool().query("select from deliveries where id = $1", [id])).rows).toEqual([])
  })
})
