import type { Contact } from "../../core/api/resources/contact.ts"
import type { ContactsStore } from "../../core/api/stores/contacts.ts"
import type { Pool } from "../connection/pool.ts"
import { iso, toPage } from "../connection/rows.ts"
import { eraseContact } from "./erase-contact.ts"

interface Row extends Omit<Contact, "aliases" | "first_seen_at" | "last_seen_at"> {
  aliases: [id: string, type: Contact["aliases"][number]["type"]][] | null
  first_seen_at: Date
  last_seen_at: Date
}

const COLUMNS = `c.id, c.app_id, c.platform, c.page_id, c.scoped_id, c.id_type, c.asid, c.conversation_id, c.name,
  c.username, c.picture_url, c.locale, c.active, c.first_seen_at, c.last_seen_at,
  case when c.platform = 'whatsapp' then (
    select json_agg(json_build_array(a.alias, a.type) order by a.position) from contact_aliases a
    where a.customer_id = c.customer_id and a.page_id = c.page_id and a.scoped_id = c.scoped_id and a.type <> 'line'
  ) end as aliases`

/** No other id is a contact's, and Postgres would refuse to cast it. */
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

/** One query for each kind of id, since each has its own index. */
const WITH_ID = `and c.id in (
  select id from contacts where customer_id = $1 and scoped_id = $6
  union all select id from contacts where customer_id = $1 and asid = $6
  union all select o.id from contact_aliases a
    join contacts o on o.customer_id = a.customer_id and o.page_id = a.page_id and o.scoped_id = a.scoped_id
      and o.platform = 'whatsapp'
    where a.customer_id = $1 and a.alias = $6
)`

export function createContactsStore(pool: Pool): ContactsStore {
  return {
    async list(customerId, filter, page) {
      const values = [customerId, page.after, filter.platform ?? null, filter.page_id ?? null, page.limit + 1]
      const { rows } = await pool.query<Row>(
        `select ${COLUMNS} from contacts c
         where c.customer_id = $1 and ($2::uuid is null or c.id < $2) and ($3::text is null or c.platform = $3)
           and ($4::text is null or c.page_id = $4) ${filter.id === undefined ? "" : WITH_ID}
         order by c.id desc limit $5`,
        filter.id === undefined ? values : [...values, filter.id],
      )
      return toPage(rows, page, (row) => row.id, present)
    },

    async get(customerId, id) {
      if (!UUID.test(id)) return null
      const text = `select ${COLUMNS} from contacts c where c.customer_id = $1 and c.id = $2::uuid`
      const { rows } = await pool.query<Row>(text, [customerId, id])
      return rows[0] ? present(rows[0]) : null
    },

    async erase(customerId, id) {
      if (!UUID.test(id)) return false
      return eraseContact(pool, customerId, id)
    },
  }
}

function present({ aliases, ...row }: Row): Contact {
  return {
    ...row,
    aliases: aliases?.map(([id, type]) => ({ id, type })) ?? [],
    first_seen_at: iso(row.first_seen_at),
    last_seen_at: iso(row.last_seen_at),
  }
}
