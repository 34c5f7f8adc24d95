import { describe, expect, onTestFinished, test } from "vitest"
import type { Draft } from "../../../src/core/event/draft.ts"
import type { Pool } from "../../../src/store/connection/pool.ts"
import { openDirectory, type UndecryptableRow } from "../../../src/store/directory/directory.ts"
import { createVault } from "../../../src/store/directory/vault.ts"
import { addCustomer, type TestCustomer } from "../../support/gateways.ts"
import { describeStores } from "../../support/stores.ts"
import { until } from "../../support/until.ts"

const vault = createVault([{ id: "k1", key: new Uint8Array(32).fill(7) }])

const failOn = (error: unknown) => {
  throw error
}

describeStores("a directory", (pool) => {
  async function open(
    store: Pool = pool(),
    onError: (error: unknown) => void = () => {},
    onUndecryptable: (row: UndecryptableRow) => void = () => {},
  ) {
    const directory = await openDirectory(store, vault, onError, onUndecryptable)
    onTestFinished(() => directory.close())
    const ownersOf = ({ pageId }: TestCustomer) =>
      directory.owners("app_default", { platform: "facebook", pageId } as Draft)
    return { ...directory, ownersOf }
  }

  /** The store of one gateway; its queries can be made to fail while other gateways reach the store. */
  function flaky() {
    const state = { away: false, rereadings: 0 }
    const query: Pool["query"] = (statement, values) => {
      if (state.away) return Promise.reject(new Error("Connection terminated unexpectedly"))
      if (/from connections where .* and true$/.test(String(statement))) state.rereadings += 1
      return pool().query(statement, values)
    }
    return { state, store: { ...pool(), query } }
  }

  const disconnect = ({ id }: TestCustomer) => pool().query("delete from connections where customer_id = $1", [id])

  test("is notified of every change on commit, whatever happens to the gateway that wrote it", async () => {
    const directory = await open()
    const customer = await addCustomer(pool(), "facebook")
    await until(() => directory.ownersOf(customer)[0] === customer.id, "the connection")
    await until(() => directory.endpoint(customer.endpointId)?.active, "the endpoint")
    await pool().query("update endpoints set status = 'paused' where id = $1", [customer.endpointId])
    await until(() => directory.endpoint(customer.endpointId)?.active === false, "the paused endpoint")
    await pool().query("insert into apps (id, secrets, verify_token) values ('app_new', '{}', $1)", [
      vault.encrypt("token", "apps:app_new"),
    ])
    await until(() => directory.app("app_new"), "the app")
    await customer.remove()
    await until(() => directory.ownersOf(customer).length === 0, "the connection to be gone")
    await until(() => directory.endpoint(customer.endpointId) === undefined, "the endpoint to be gone")
  })

  test("reads changes that it could not read as soon as it can, all in one read", async () => {
    const customers = [await addCustomer(pool(), "facebook"), await addCustomer(pool(), "facebook")]
    const { state, store } = flaky()
    const errors: unknown[] = []
    const directory = await open(store, (error) => errors.push(error))
    for (const customer of customers) expect(directory.ownersOf(customer)).toEqual([customer.id])
    state.away = true
    for (const customer of customers) await disconnect(customer)
    await until(() => errors.length >= customers.length, "the notifications of the changes")
    state.rereadings = 0
    state.away = false
    await until(() => customers.every((customer) => directory.ownersOf(customer).length === 0), "the old owners to go")
    expect(state.rereadings).toBe(1)
  })

  test("retries a failed read of its own gateway's change, too", async () => {
    const customer = await addCustomer(pool(), "facebook")
    const { state, store } = flaky()
    const deaf = { ...store, listen: async () => ({ close: async () => {} }) }
    const directory = await open(deaf)
    await disconnect(customer)
    state.away = true
    await expect(directory.changed(customer.id)).rejects.toThrow("terminated")
    state.away = false
    await until(() => directory.ownersOf(customer).length === 0, "the old owner to go")
  })

  test.each([
    ["customers", []],
    ["customers, and of all", [null]],
  ])("combines the changes of several %s that arrived during a read", async (_what, others) => {
    const customers = await Promise.all([1, 2, 3].map(() => addCustomer(pool(), "facebook")))
    let [readings, goOn] = [0, () => {}]
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const query: Pool["query"] = async (statement, values) => {
      if (/from connections/.test(String(statement)) && ++readings === 2) await held
      return pool().query(statement, values)
    }
    const directory = await open({ ...pool(), query, listen: async () => ({ close: async () => {} }) })
    const changes = [directory.changed("cus_of_the_read_in_progress")]
    await until(() => readings === 2, "a read to be in progress")
    for (const customer of customers) await disconnect(customer)
    for (const id of [...customers.map((customer) => customer.id), ...others]) changes.push(directory.changed(id))
    goOn()
    await Promise.all(changes)
    expect(customers.flatMap(directory.ownersOf)).toEqual([])
    expect(readings).toBe(3)
  })

  test("closes only after its reads have ended", async () => {
    const directory = await openDirectory(pool(), vault, failOn, failOn)
    let isReading = true
    void directory.changed(null).then(() => {
      isReading = false
    })
    await directory.close()
    expect(isReading).toBe(false)
  })

  describe("with a row whose secrets cannot be decrypted", () => {
    const seal = (id: string, secret: string) => vault.encrypt(secret, `endpoints:${id}`)
    const setSecret = (id: string, sealed: string) =>
      pool().query(
        "update endpoints set secrets = jsonb_build_array(jsonb_build_object('sealed', $2::text)) where id = $1",
        [id, sealed],
      )
    /** One customer whose endpoint has another row's secret, and one without a fault. */
    async function aBadOneAndAGoodOne() {
      const [bad, good] = [await addCustomer(pool(), "facebook"), await addCustomer(pool(), "facebook")]
      await setSecret(bad.endpointId, seal(good.endpointId, "whsec_c2VjcmV0"))
      onTestFinished(async () => void (await bad.remove()))
      return { bad, good }
    }
    async function openTelling() {
      const told: UndecryptableRow[] = []
      const errors: unknown[] = []
      const directory = await open(
        pool(),
        (error) => errors.push(error),
        (row) => told.push(row),
      )
      return { directory, told, errors }
    }

    test("starts, follows the changes of all other rows, and still routes events to the endpoint, where they wait", async () => {
      const { bad, good } = await aBadOneAndAGoodOne()
      const { directory, told, errors } = await openTelling()
      expect(directory.endpointsOf(bad.id)).toMatchObject([{ id: bad.endpointId, active: false, secrets: [] }])
      await pool().query("update endpoints set status = 'paused' where id = $1", [good.endpointId])
      await until(() => directory.endpoint(good.endpointId)?.active === false, "the paused endpoint")
      expect(errors).toEqual([])
      expect(told).toMatchObject([{ kind: "endpoint", id: bad.endpointId }])
    })

    test("reports it once, without the secret, and again only after it could be decrypted", async () => {
      const { bad } = await aBadOneAndAGoodOne()
      const { directory, told } = await openTelling()
      await pool().query("update endpoints set description = 'still bad' where id = $1", [bad.endpointId])
      await until(() => directory.endpoint(bad.endpointId)?.description === "still bad", "the change")
      expect(told).toHaveLength(1)
      expect(told[0]?.reason).toMatch(/encryption key "k1"/)

      await setSecret(bad.endpointId, seal(bad.endpointId, "whsec_c2VjcmV0"))
      await until(() => directory.endpoint(bad.endpointId)?.active, "the mended endpoint")
      expect(told).toHaveLength(1)
      await setSecret(bad.endpointId, seal(bad.endpointId, "hunter2 {"))
      await pool().query("update endpoints set headers = $2 where id = $1", [
        bad.endpointId,
        seal(bad.endpointId, "hunter2"),
      ])
      await until(() => told.length === 2, "it to be told again")
      expect(directory.endpoint(bad.endpointId)?.active).toBe(false)
      expect(JSON.stringify(told)).not.toContain("hunter2")
    })

    test("leaves out such an app, and has the others", async () => {
      const insert = "insert into apps (id, secrets, verify_token) values ($1, $2, $3)"
      const sealed = vault.encrypt("token", "apps:app_good")
      await pool().query(insert, ["app_bad", [sealed], sealed])
      onTestFinished(async () => void (await pool().query("delete from apps where id like 'app_%d'")))
      const { directory, told } = await openTelling()
      await pool().query(insert, ["app_good", [sealed], sealed])
      await until(() => directory.app("app_good"), "the good app")
      expect(directory.app("app_bad")).toBeUndefined()
      expect(told).toMatchObject([{ kind: "app", id: "app_bad" }])
    })
  })
})
