import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { lineOf } from "../../../src/core/contact/phone-line.ts"
import { migrate } from "../../../src/store/connection/migrate.ts"
import { openPglite } from "../../../src/store/connection/pglite.ts"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { tempDir } from "../../support/onehook.ts"

const FOLDER = join(import.meta.dirname, "../../../src/store/migrations")
const NUMBERS = [
  ...["5511987654321", "551132345678", "5511932345678", "553191234567", "5521612345678"],
  ...["5215512345678", "525587654321", "52115512345678", "5491123456789", "543512345678", "5494123456789"],
  ...["16505550134", "51912345678", "4915100000000", "5", "55abc"],
]

const { path, remove } = tempDir()
let pool: Pool
beforeAll(async () => {
  pool = await openPglite(path)
  await pool.query("create table migrations (name text primary key, applied_at timestamptz not null default now())")
  for (const name of readdirSync(FOLDER).sort()) {
    if (name >= "010") break
    await pool.query(readFileSync(join(FOLDER, name), "utf8"))
    await pool.query("insert into migrations (name) values ($1)", [name])
  }
  await pool.query(
    `insert into contact_aliases (customer_id, page_id, alias, type, scoped_id, position)
     select 'cus_a', '1', n, 'wa_id', n, 0 from unnest($1::text[]) n`,
    [NUMBERS],
  )
  await pool.query(
    `insert into contact_aliases (customer_id, page_id, alias, type, scoped_id, position, created_at)
     values ('cus_a', '2', '551187654321', 'wa_id', 'second', 0, now()),
       ('cus_a', '2', '5511987654321', 'wa_id', 'first', 0, now() - interval '1 day'),
       ('cus_a', '3', 'BR.1', 'bsuid', 'BR.1', 0, now()), ('cus_a', '3', '5215512345678', 'wa_id', 'BR.1', 1, now()),
       ('cus_a', '3', '525512345678', 'wa_id', 'BR.1', 2, now())`,
  )
  await migrate(pool)
})
afterAll(async () => {
  await pool?.close()
  remove()
})

async function linesOf(pageId: string) {
  const { rows } = await pool.query<{ alias: string; scoped_id: string }>(
    "select alias, scoped_id from contact_aliases where page_id = $1 and type = 'line' order by alias",
    [pageId],
  )
  return rows.map(({ alias, scoped_id }) => [scoped_id, alias])
}

test("a contact from before has the lines of its numbers, as a new one has", async () => {
  const expected = NUMBERS.flatMap((number) => {
    const line = lineOf(number)
    return line === undefined ? [] : [[number, `~${line}`]]
  })
  expect(expected).toHaveLength(6)
  expect(new Set(await linesOf("1"))).toEqual(new Set(expected))
})

test("of two contacts with the numbers of one line the first has it, and a contact with both has it once", async () => {
  expect(await linesOf("2")).toEqual([["first", "~551187654321"]])
  expect(await linesOf("3")).toEqual([["BR.1", "~525512345678"]])
})
