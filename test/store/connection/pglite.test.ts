import { afterAll, beforeAll, expect, test } from "vitest"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { createMaintenanceStore } from "../../../src/store/housekeeping/maintenance.ts"
import { openEmbedded } from "../../support/embedded-store.ts"

let pool: Pool
beforeAll(async () => {
  pool = await openEmbedded()
  await pool.query("create table things (id int primary key, name text, at timestamptz, list int[])")
})
afterAll(() => pool?.close())

const add = (id: number | null, name: string | null) =>
  pool.query({
    name: "add",
    text: "insert into things values ($1, $2, to_timestamp(0), '{1,2}') returning *",
    values: [id, name],
  })

test("a prepared statement takes and returns the same values as a plain one, each time", async () => {
  const prepared = [await add(1, "a"), await add(2, null)]
  const plain = await pool.query("select * from things where id <= $1 order by id", [2])
  expect(prepared.flatMap(({ rows }) => rows)).toEqual(plain.rows)
  expect(prepared.map(({ rowCount }) => rowCount)).toEqual([1, 1])
  expect(plain.rows[0]).toEqual({ id: 1, name: "a", at: new Date(0), list: [1, 2] })
})

test("a prepared statement without rows returns the number of affected rows", async () => {
  await add(3, "c")
  const update = { name: "rename", text: "update things set name = $1 where id = $2" }
  expect(await pool.query({ ...update, values: ["x", 3] })).toEqual({ rows: [], rowCount: 1 })
  expect(await pool.query({ ...update, values: ["x", 99] })).toEqual({ rows: [], rowCount: 0 })
})

test("an error has its SQLSTATE, and later statements work", async () => {
  await add(4, "d")
  await expect(add(4, "again")).rejects.toMatchObject({ code: "23505" })
  await expect(pool.query({ name: "bad", text: "selekt $1", values: [1] })).rejects.toMatchObject({ code: "42601" })
  await expect(pool.query({ name: "bad", text: "select $1::int as n", values: [1] })).resolves.toMatchObject({
    rows: [{ n: 1 }],
  })
  expect((await add(5, "e")).rows).toMatchObject([{ id: 5 }])
})

test("a statement first prepared in a failed transaction still works afterwards", async () => {
  const find = { name: "find", text: "select name from things where id = $1" }
  const failed = pool.transaction(async (connection) => {
    await connection.query({ ...find, values: [6] })
    await connection.query({ name: "add", text: "", values: [6, "f"] })
    await connection.query({ name: "add", text: "", values: [6, "f"] })
  })
  await expect(failed).rejects.toMatchObject({ code: "23505" })
  expect((await pool.query({ ...find, values: [6] })).rows).toEqual([])
})

test("a listener gets the notification of a statement", async () => {
  const heard = Promise.withResolvers<string>()
  const subscription = await pool.listen("news", heard.resolve, () => {})
  await pool.query({ name: "notify", text: "select pg_notify($1, $2)", values: ["news", "hello"] })
  expect(await heard.promise).toBe("hello")
  await subscription.close()
})

test("the embedded store's write-ahead log and dead rows are cleaned up", async () => {
  const { tidy } = createMaintenanceStore(pool, 30)
  const deadRows = async () =>
    (await pool.query("select n_dead_tup from pg_stat_user_tables where relname = 'churn'")).rows
  const redo = async () => (await pool.query("select redo_lsn from pg_control_checkpoint()")).rows
  await pool.query("create table churn as select generate_series(1, 2000)")
  await pool.query("delete from churn")
  await pool.query("select pg_stat_force_next_flush()")
  expect(await deadRows()).toEqual([{ n_dead_tup: 2000 }])
  const before = await redo()
  await tidy()
  expect(await deadRows()).toEqual([{ n_dead_tup: 0 }])
  expect(await redo()).toEqual(before)
  for (let segment = 0; segment < 5; segment++) {
    await pool.query("insert into churn values (1)")
    await pool.query("select pg_switch_wal()")
  }
  await tidy()
  expect(await redo()).not.toEqual(before)
})
