import type { Endpoint } from "../../core/api/resources/endpoint.ts"
import type { EndpointsStore, SecretRotation } from "../../core/api/stores/endpoints.ts"
import type { Pool } from "../connection/pool.ts"
import { assignments, toPage } from "../connection/rows.ts"
import {
  type EncryptedSecret,
  type EndpointRow,
  encryptHeaders,
  endpointAad,
  presentEndpoint,
  SHOWN,
} from "./endpoint-rows.ts"
import { cancelDeliveries, changeStatus } from "./endpoint-status.ts"
import type { Vault } from "./vault.ts"

export function createEndpointsStore(pool: Pool, vault: Vault): EndpointsStore {
  const present = (row: EndpointRow) => presentEndpoint(vault, row)
  const first = ({ rows }: { rows: EndpointRow[] }) => (rows[0] ? present(rows[0]) : null)
  const encrypt = (id: string, secret: string) => vault.encrypt(secret, endpointAad(id))

  async function get(customerId: string, id: string): Promise<Endpoint | null> {
    const text = `select ${SHOWN} from endpoints where customer_id = $1 and id = $2`
    return first(await pool.query<EndpointRow>(text, [customerId, id]))
  }

  return {
    get,

    async create(given, max) {
      const secrets: EncryptedSecret[] = [{ sealed: encrypt(given.id, given.secret), expires_at: null }]
      return first(
        await pool.query<EndpointRow>(
          `insert into endpoints (id, customer_id, url, description, status, events, platforms, page_ids,
             message_types, statuses, direction, payload, include_raw, max_concurrency, retry_schedule, headers, hub_signature, max_rate, ordering,
             secrets)
           select $1, $2, $3, $4, $18, $5::text[], $6::text[], $7::text[], $19::text[], $20::text[], $21, $8, $9::bool, $10::int, $11::int[], $12,
             $13::bool, $14::int, $15, $16::jsonb
           where (select count(*) from endpoints where customer_id = $2) < $17::int
           returning ${SHOWN}`,
          [
            given.id,
            given.customer_id,
            given.url,
            given.description,
            given.events,
            given.platforms,
            given.page_ids,
            given.payload,
            given.include_raw,
            given.max_concurrency,
            given.retry_schedule,
            encryptHeaders(vault, given.id, given.headers),
            given.hub_signature,
            given.max_rate,
            given.ordering,
            JSON.stringify(secrets),
            max,
            given.status,
            given.message_types,
            given.statuses,
            given.direction,
          ],
        ),
      )
    },

    async list(customerId, page) {
      const { rows } = await pool.query<EndpointRow>(
        `select ${SHOWN} from endpoints where customer_id = $1 and ($2::text is null or id < $2) order by id desc limit $3`,
        [customerId, page.after, page.limit + 1],
      )
      return toPage(rows, page, (row) => row.id, present)
    },

    async update(customerId, id, patch, check) {
      const { url, description, events, platforms, page_ids, payload, include_raw, max_concurrency } = patch
      const { message_types, statuses, direction } = patch
      const { max_rate, ordering, retry_schedule, hub_signature, headers: plain } = patch
      const headers = plain && encryptHeaders(vault, id, plain)
      const columns = { url, description, events, platforms, page_ids, payload, include_raw, max_concurrency }
      const filters = { message_types, statuses, direction }
      const set = assignments({ ...columns, ...filters, max_rate, ordering, retry_schedule, hub_signature, headers }, 3)
      if (!set) return get(customerId, id)
      return pool.transaction(async (connection) => {
        const current = `select ${SHOWN} from endpoints where customer_id = $1 and id = $2 for update`
        const { rows } = await connection.query<EndpointRow>(current, [customerId, id])
        if (!rows[0]) return null
        check(present(rows[0]))
        const text = `update endpoints set ${set.text}, updated_at = now() where customer_id = $1 and id = $2
          returning ${SHOWN}`
        return first(await connection.query<EndpointRow>(text, [customerId, id, ...set.values]))
      })
    },

    async setStatus(customerId, id, change) {
      const row = await pool.longTransaction((connection) => changeStatus(connection, customerId, id, change))
      return row && present(row)
    },

    async rotateSecret(customerId, id, rotation) {
      return pool.transaction(async (connection) => {
        const { rows } = await connection.query<EndpointRow>(
          "select * from endpoints where customer_id = $1 and id = $2 for update",
          [customerId, id],
        )
        const [row] = rows
        if (!row) return null
        const secrets = [
          { sealed: encrypt(id, rotation.secret), expires_at: null },
          ...stillLive(row.secrets, rotation),
        ]
        if (secrets.length > rotation.maxLive) return "full"
        return first(
          await connection.query<EndpointRow>(
            `update endpoints set secrets = $3::jsonb, updated_at = now() where customer_id = $1 and id = $2
             returning ${SHOWN}`,
            [customerId, id, JSON.stringify(secrets)],
          ),
        )
      })
    },

    async revokeSecrets(customerId, id) {
      const text = `update endpoints set secrets = jsonb_build_array(secrets -> 0), updated_at = now()
        where customer_id = $1 and id = $2 returning ${SHOWN}`
      return first(await pool.query<EndpointRow>(text, [customerId, id]))
    },

    async remove(customerId, id) {
      return pool.longTransaction(async (connection) => {
        const text = "delete from endpoints where customer_id = $1 and id = $2 returning id"
        const { rows } = await connection.query(text, [customerId, id])
        if (rows.length === 0) return false
        await cancelDeliveries(connection, customerId, id, "endpoint_deleted")
        await connection.query("delete from drains where endpoint_id = $1", [id])
        return true
      })
    },
  }
}

function stillLive(secrets: EncryptedSecret[], { overlapMs, nowMs }: SecretRotation): EncryptedSecret[] {
  const end = nowMs + overlapMs
  return secrets
    .map(({ sealed, expires_at }) => ({ sealed, until: Math.min(end, expires_at ? Date.parse(expires_at) : end) }))
    .filter(({ until }) => until > nowMs)
    .map(({ sealed, until }) => ({ sealed, expires_at: new Date(until).toISOString() }))
}
