import { expect, onTestFinished, test } from "vitest"
import { findPostgres, startPostgres } from "../../../bench/support/postgres.ts"
import { freeze } from "../../../bench/support/processes.ts"
import { isStoreUnavailable } from "../../../src/http/errors/unavailable.ts"
import { openPostgres } from "../../../src/store/connection/postgres.ts"
import { until } from "../../support/until.ts"

const LIMITS = { statementMs: 500, answerMs: 1_500, checkListenersMs: 100, sessionAnswerMs: 700 }

/** A separate Postgres that can be made to hang, and a pool on it. */
async function world() {
  const server = await startPostgres()
  onTestFinished(server.stop)
  const pool = await openPostgres(server.url, () => {}, undefined, LIMITS)
  onTestFinished(pool.close)
  const hang = () => {
    const thaw = freeze(server.pid)
    onTestFinished(thaw)
    return thaw
  }
  return { pool, hang }
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => error,
  )

test.skipIf(findPostgres() === null)(
  "while Postgres hangs, nothing waits for ever, and afterwards everything works as before",
  async () => {
    const { pool, hang } = await world()
    await pool.query("create table marks (name text)")
    const heard: string[] = []
    let connects = 0
    const listener = await pool.listen(
      "news",
      (payload) => heard.push(payload),
      () => {
        connects += 1
      },
    )
    const frozen = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const halfway = pool.commits.transaction(async (connection) => {
      await connection.query("insert into marks values ('halfway')")
      begun.resolve()
      await frozen.promise
      await connection.query("select 1")
    })
    await begun.promise

    const thaw = hang()
    frozen.resolve()
    const errors = await Promise.all([
      refusal(halfway),
      refusal(pool.query("select 1")),
      refusal(pool.relaxed.query("select 1")),
      refusal(pool.transaction((connection) => connection.query("select 1"))),
    ])
    for (const error of errors) expect(isStoreUnavailable(error), String(error)).toBe(true)

    thaw()
    await until(() => pool.query("select 1").catch(() => null), "the store to be back")
    expect((await pool.query("select name from marks")).rows).toEqual([])
    await pool.commits.transaction((connection) => connection.query("insert into marks values ('after')"))
    expect((await pool.query("select name from marks")).rows).toEqual([{ name: "after" }])
    await until(() => connects > 1, "the listener to reconnect")
    await pool.query("select pg_notify('news', 'again')")
    await until(() => heard.includes("again"), "the news")
    await listener.close()
  },
  60_000,
)

test.skipIf(findPostgres() === null)("a long transaction has no deadline", async () => {
  const { pool } = await world()
  const sleep = "select pg_sleep(2) is not null as slept"
  await expect(pool.transaction((connection) => connection.query(sleep))).rejects.toThrow("statement timeout")
  const { rows } = await pool.longTransaction((connection) => connection.query(sleep))
  expect(rows).toEqual([{ slept: true }])
  await expect(pool.query(sleep)).rejects.toThrow("statement timeout")
})
