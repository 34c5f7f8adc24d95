import { expect, onTestFinished, test } from "vitest"
import type { Draft } from "../../src/core/draft.ts"
import { openDirectory } from "../../src/store/directory.ts"
import type { Pool } from "../../src/store/pool.ts"
import { createVault } from "../../src/store/vault.ts"
import { addCustomer, type TestCustomer } from "../support/gateways.ts"
import { describeStores } from "../support/stores.ts"
import { until } from "../support/until.ts"

const vault = createVault([{ id: "k1", key: new Uint8Array(32).fill(7) }])

describeStores("a directory", (pool) => {
  async function open(store: Pool = pool(), onError: (error: unknown) => void = () => {}) {
    const directory = await openDirectory(store, vault, onError)
    onTestFinished(() => directory.close())
    const ownersOf = ({ pageId }: TestCustomer) =>
      directory.owners("app_default", { platform: "facebook", pageId } as Draft)
    return { ...directory, ownersOf }
  }

  /** The store as one gateway sees it, which can be away for its queries while it is there for all others. */
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

  test("hears of every change with its commit, whatever becomes of the gateway that wrote it", async () => {
    const directory = await open()
    const customer = await addCustomer(pool(), "facebook")
    await until(() => directory.ownersOf(customer)[0] === customer.id, "the connection")
    await until(() => directory.endpoint(customer.endpointId)?.active, "the endpoint")
    await pool().query("update endpoints set status = 'paused' where id = $1", [customer.endpointId])
    await until(() => directory.endpoint(customer.endpointId)?.active === false, "the paused endpoint")
    await pool().query("insert into apps (id, secrets, verify_token) values ('app_new', '{}', $1)", [
      vault.seal("token", "apps:app_new"),
    ])
    await until(() => directory.app("app_new"), "the app")
    await customer.remove()
    await until(() => directory.ownersOf(customer).length === 0, "the connection to be gone")
    await until(() => directory.endpoint(customer.endpointId) === undefined, "the endpoint to be gone")
  })

  test("reads a change that it could not read as soon as it can, and all of those at once", async () => {
    const customers = [await addCustomer(pool(), "facebook"), await addCustomer(pool(), "facebook")]
    const { state, store } = flaky()
    const errors: unknown[] = []
    const directory = await open(store, (error) => errors.push(error))
    for (const customer of customers) expect(directory.ownersOf(customer)).toEqual([customer.id])
    state.away = true
    for (const customer of customers) await disconnect(customer)
    await until(() => errors.length >= customers.length, "the changes to be heard of")
    state.rereadings = 0
    state.away = false
    await until(() => customers.every((customer) => directory.ownersOf(customer).length === 0), "the old owners to go")
    expect(state.rereadings).toBe(1)
  })

  test("reads its own gateway's change again where that failed, too", async () => {
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
})
