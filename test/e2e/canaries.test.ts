import { expect, onTestFinished, test } from "vitest"
import { query } from "../../bench/support/postgres.ts"
import { startRedis } from "../../bench/support/redis.ts"
import { ADMIN_KEY, APP_SECRET, addTenant, postWebhook, VERIFY_TOKEN } from "../support/onehook.ts"
import { startReceiver } from "../support/receiver.ts"
import { describeSizes } from "../support/sizes.ts"
import { until } from "../support/until.ts"
import { wamid, whatsapp } from "../support/whatsapp.ts"

/** Values that must never appear in a log, by their kind. */
const GIVEN = {
  text: "canary-of-a-text",
  name: "canary-of-a-name",
  phone: "4915112345678",
  fault: "canary-of-a-fault",
  header: "canary-of-a-header",
  query: "canary-of-a-query",
  token: "canary-of-a-token",
  appSecret: "canary-of-an-app-secret",
  verifyToken: "canary-of-a-verify-token",
  password: "canary-of-a-password",
  operator: ADMIN_KEY,
  defaultSecret: APP_SECRET,
  defaultToken: VERIFY_TOKEN,
  encryptionKey: Buffer.alloc(32, 7).toString("base64"),
}

/** Passwords for URLs in the environment; the test servers require none. */
const withPassword = (url: string) => url.replace(/^(\w+:\/\/)(?:(\w+)@)?/, `$1$2:${GIVEN.password}@`)

const message = (pageId: string) =>
  whatsapp(pageId, {
    contacts: [{ wa_id: GIVEN.phone, profile: { name: GIVEN.name } }],
    messages: [{ from: GIVEN.phone, id: wamid(), timestamp: "1790000000", type: "text", text: { body: GIVEN.text } }],
  })

const faulty = (pageId: string) => ({ object: "whatsapp_business_account", entry: [GIVEN.fault, { id: pageId }] })

describeSizes(
  "a log of every kind of message",
  (size) => {
    test("contains no secret, text, name or phone number of successful, refused or failed work", async () => {
      const installation = await size.install()
      onTestFinished(installation.remove)
      const urls = Object.entries(installation.env).filter(([name]) => name.endsWith("_URL"))
      const passwords = Object.fromEntries(urls.map(([name, url]) => [name, withPassword(url)]))
      const gateway = await installation.startAll({ LOG_LEVEL: "trace", ...passwords })
      const receiver = await startReceiver((_received, count) => (count === 1 ? 500 : 200))
      onTestFinished(() => receiver.close())
      const url = `${receiver.url}?token=${GIVEN.query}`
      const endpoint = { url, headers: { authorization: `Bearer ${GIVEN.header}` }, events: ["*"] }
      const tenant = await addTenant(gateway.url, endpoint, { platform: "whatsapp" })
      const connection = { platform: "facebook", page_id: "1", access_token: GIVEN.token }
      await tenant.call("POST", "/v1/connections", connection)
      await tenant.call("POST", "/v1/apps", { secrets: [GIVEN.appSecret], verify_token: GIVEN.verifyToken })

      const webhook = (body: unknown) => postWebhook(gateway.url, body, "whatsapp").then(({ status }) => status)
      const get = (path: string, key: string) =>
        fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}` } }).then(({ status }) => status)
      expect(await webhook(message(tenant.pageId))).toBe(200)
      await receiver.get(({ body }) => body.includes(GIVEN.text))
      expect(await webhook(faulty(tenant.pageId))).toBe(200)
      expect(await webhook(message("4915198765432"))).toBe(200)
      expect(await webhook(`{"text":"${GIVEN.text}`)).toBe(400)
      const handshake = `hub.mode=subscribe&hub.challenge=1&hub.verify_token=${VERIFY_TOKEN}`
      expect(await get(`/webhooks/whatsapp?${handshake}${GIVEN.token}`, "none")).toBe(403)
      expect(await get(`/v1/events?from=${GIVEN.phone}`, GIVEN.token)).toBe(401)
      expect(await get(`/v1/contacts/${GIVEN.phone}?name=${GIVEN.name}`, ADMIN_KEY)).toBe(400)
      if (size.apart) await refusedByTheStore(installation.env.DATABASE_URL ?? "")

      /** A failed cast repeats its value in the error, as may happen in a trigger that the operator adds. */
      async function refusedByTheStore(database: string) {
        await query(
          database,
          `create function refuse() returns trigger language plpgsql as 'begin perform new.body::int; return new; end';
           create trigger refuse before insert on events for each row execute function refuse()`,
        )
        expect(await webhook(message(tenant.pageId))).toBe(503)
        await until(() => gateway.output().includes("22P02"), "the log line")
      }

      expect(await gateway.kill()).toBe(0)
      const log = gateway.output()
      expect(log).toContain('"msg":"stopped"')
      const secrets = { ...GIVEN, endpointSecret: tenant.secret }
      expect(Object.entries(secrets).filter(([, secret]) => log.includes(secret))).toEqual([])
    })
  },
  ({ apart, redis }) => !apart || redis,
)

describeSizes(
  "a log",
  (size) => {
    test("has an uncaught error on one line, without its additional properties", async () => {
      const row = `["canary", "of", "a", "row"].join("-")`
      const breaks = `process.on("SIGUSR2", () => Promise.reject(Object.assign(new Error("broken"), { detail: ${row} })))`
      const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(breaks)}`
      const installation = await size.install()
      onTestFinished(installation.remove)
      const gateway = await installation.startAll({ NODE_OPTIONS })
      expect(await gateway.kill("SIGUSR2")).toBe(1)
      expect(gateway.output()).toMatch(/^\{"level":60.*"message":"broken".*"stack":.*\}$/m)
      expect(gateway.output()).not.toContain("canary-of-a-row")
    })

    test("has no password of a Redis that does not support authentication", async () => {
      const redis = await startRedis({ "rename-command": "HELLO NO_HELLO --rename-command AUTH NO_AUTH" })
      onTestFinished(redis.stop)
      const installation = await size.install()
      onTestFinished(installation.remove)
      const gateway = await installation.startAll({ REDIS_URL: withPassword(redis.url) })
      await until(() => /unknown command 'auth'/i.test(gateway.output()), "the log line")
      expect(gateway.output()).not.toContain(GIVEN.password)
    })
  },
  ({ redis }) => redis,
)
