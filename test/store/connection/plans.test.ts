import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { noRows } from "../../../src/core/commit-rows.ts"
import type { Sighting } from "../../../src/core/contact/contact.ts"
import { resolveContacts } from "../../../src/core/contact/resolve-contacts.ts"
import { KEYED_LOOKUPS } from "../../../src/store/connection/planner.ts"
import type { Queryable } from "../../../src/store/connection/pool.ts"
import { findContacts } from "../../../src/store/contacts/find-contacts.ts"
import { createDrainsStore } from "../../../src/store/deliveries/drains.ts"
import { recordResults } from "../../../src/store/deliveries/results.ts"
import { commit } from "../../../src/store/events/commit.ts"
import { claimOf, eventRows, newId, record } from "../../support/rows.ts"
import { rowsRead } from "../../support/rows-read.ts"
import { describeStores } from "../../support/stores.ts"

const BACKLOG = 2_000

describeStores("plans", (pool) => {
  /** Of open deliveries and of contacts. */
  const rowsOf = (connection: Queryable, work: () => Promise<unknown>) =>
    rowsRead(connection, "^(deliveries_fresh|deliveries_retry|contacts|contact_aliases)$", work)

  async function fill(connection: Queryable, stage: "fresh" | "retry", endpointId: string) {
    await connection.query(
      `insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, created_at, due_at)
       select 'cus_a', 'dlv_' || n, $1, $2, 'evt_' || n, current_date, 'message.received', now(), now()
       from generate_series(1, ${BACKLOG}) n`,
      [stage, endpointId],
    )
  }

  test.each(["fresh", "retry"] as const)(
    "made for empty tables still read single rows when the tables are full: %s",
    async (stage) => {
      for (const table of ["deliveries_fresh", "deliveries_retry"]) await pool().query(`vacuum (analyze) ${table}`)
      await pool().transaction(async (connection) => {
        for (const setting of KEYED_LOOKUPS) await connection.query(`set local ${setting}`)
        const store = { query: connection.query.bind(connection), transaction: pool().transaction }
        const drains = createDrainsStore(connection, () => "me", 30)
        const once = async () => {
          const endpointId = `ep_${randomUUID()}`
          await commit(store, eventRows({ endpointId }))
          const [claim] = await drains.claim([claimOf(endpointId, { held: [newId("dlv")] })])
          const [delivery] = claim?.deliveries ?? []
          if (!delivery) throw new Error("nothing is due")
          await recordResults(connection, [
            record(endpointId, delivery, { verdict: "retry", status: 500, retryInMs: 0 }),
          ])
          await connection.query(
            "update deliveries set trigger = 'manual' where stage = 'retry' and endpoint_id = $1 and id = $2",
            [endpointId, delivery.id],
          )
          for (const [attempts, trigger] of [
            [1, null],
            [2, "manual"],
          ] as const) {
            const last = { verdict: "exhausted", status: 500, trigger } as const
            await recordResults(connection, [record(endpointId, { ...delivery, attempts }, last)])
          }
          await drains.release([{ endpointId, forMs: 0, revisionMs: 0 }])
        }
        await once()
        // One of the backlogs sorts before the rows looked up, the other after them.
        await fill(connection, stage, "ep_")
        await fill(connection, stage, "ep_z")
        expect(await rowsOf(connection, once)).toBeLessThan(20)
        await connection.query("delete from deliveries where customer_id = 'cus_a'")
      })
    },
  )

  test("continue after waiting deliveries, and within a conversation, without reading the rest", async () => {
    await pool().transaction(async (connection) => {
      for (const setting of KEYED_LOOKUPS) await connection.query(`set local ${setting}`)
      const drains = createDrainsStore(connection, () => "me", 30)
      const endpointId = `ep_${randomUUID()}`
      const id = (n: number) => `dlv_${String(n).padStart(9, "0")}`
      await connection.query(
        `insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, created_at, due_at,
           conversation_id, conversation_seq)
         select 'cus_a', 'dlv_' || lpad(n::text, 9, '0'), case when n = 1 then 'retry' else 'fresh' end, $1, 'evt_' || n,
           current_date, 'message.received', now(), case when n = 1 then now() + interval '1 hour' end,
           case when n = ${BACKLOG} / 2 then 'conv_b' else 'conv_a' end, n
         from generate_series(1, ${BACKLOG}) n`,
        [endpointId],
      )
      await connection.query(
        `insert into events (customer_id, id, day, app_id, platform, event, page_id, sender, conversation_id, received_at,
           body, compact_length)
         values ('cus_a', 'evt_${BACKLOG / 2}', current_date, 'app_default', 'facebook', 'message.received', '7', '2000',
           'conv_b', now(), '{}', 2)`,
      )
      const claim = async (given: object) => (await drains.claim([claimOf(endpointId, { ordered: true, ...given })]))[0]
      const after = id(BACKLOG - 2)
      expect(await rowsOf(connection, () => claim({ after }))).toBeLessThan(20)
      const goOn = { after, conversations: ["conv_b"] }
      expect(await rowsOf(connection, () => claim(goOn))).toBeLessThan(20)
      const claimed = await claim(goOn)
      expect([claimed?.deliveries.map((one) => one.id), claimed?.latest]).toEqual([[id(BACKLOG / 2)], id(BACKLOG)])
      for (const table of ["deliveries", "events"]) {
        await connection.query(`delete from ${table} where customer_id = 'cus_a'`)
      }
    })
  })

  test("find a contact by its key on a page that had none a moment ago", async () => {
    for (const table of ["contacts", "contact_aliases"]) await pool().query(`vacuum (analyze) ${table}`)
    await pool().commits.transaction(async (connection) => {
      const store = { query: connection.query.bind(connection), transaction: pool().transaction }
      const see = async (platform: "facebook" | "whatsapp", scopedId: string) => {
        const sighting: Sighting = {
          customerId: "cus_a",
          appId: "app_default",
          platform,
          pageId: "1",
          scopedId,
          idType: platform === "whatsapp" ? "wa_id" : "psid",
          aliases: platform === "whatsapp" ? [{ id: scopedId, type: "wa_id" }] : [],
          conversationId: `conv_${scopedId}`,
          name: null,
          username: null,
          pictureUrl: null,
          startedBy: null,
        }
        const { contacts, aliases } = resolveContacts([sighting], await findContacts(connection, [sighting]))
        await commit(store, { ...noRows(), contacts, aliases })
      }
      const twice = async (scopedId: string) => {
        for (const platform of ["facebook", "whatsapp"] as const) await see(platform, scopedId)
        for (const platform of ["facebook", "whatsapp"] as const) await see(platform, scopedId)
      }
      await twice("5000")
      await connection.query(
        `insert into contacts (id, customer_id, app_id, platform, page_id, scoped_id, id_type, conversation_id,
           first_seen_at, last_seen_at)
         select gen_random_uuid(), 'cus_a', 'app_default', 'whatsapp', '1', n::text, 'wa_id', '', now(), now()
         from generate_series(10000, ${10_000 + BACKLOG}) n`,
      )
      await connection.query(
        `insert into contact_aliases (customer_id, page_id, alias, type, scoped_id, position)
         select 'cus_a', '1', n::text, 'wa_id', n::text, 1 from generate_series(10000, ${10_000 + BACKLOG}) n`,
      )
      expect(await rowsOf(connection, () => twice("6000"))).toBeLessThan(20)
      await connection.query("delete from contacts where customer_id = 'cus_a'")
      await connection.query("delete from contact_aliases where customer_id = 'cus_a'")
    })
  })
})
