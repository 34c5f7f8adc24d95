import Fastify from "fastify"
import { afterAll, beforeEach, expect, test } from "vitest"
import { refuseUnknownRoutes } from "../../../src/http/errors/not-found.ts"
import { createProblemHandler } from "../../../src/http/errors/problem-handler.ts"
import { DEFAULT_APP_ID, webhookRoutes } from "../../../src/http/webhooks/webhooks.ts"
import type { Webhook } from "../../../src/ingest/ingest.ts"

const received: Webhook[] = []
const app = Fastify()
app.setErrorHandler(createProblemHandler(() => "https://example.com"))
refuseUnknownRoutes(app)
await app.register(
  webhookRoutes({
    app: (id) =>
      [DEFAULT_APP_ID, "app_own"].includes(id) ? { id, secrets: ["s"], verifyToken: `token of ${id}` } : undefined,
    async ingest(webhook) {
      received.push(webhook)
      return { kind: "accepted" }
    },
    equal: (a, b) => a === b,
    onWebhook() {},
  }),
)
beforeEach(() => void received.splice(0))
afterAll(() => app.close())

const PATHS = ["facebook", "instagram", "whatsapp"].flatMap((platform) => [
  [platform, DEFAULT_APP_ID, `/webhooks/${platform}`],
  [platform, DEFAULT_APP_ID, `/webhooks/${platform}/`],
  [platform, "app_own", `/webhooks/${platform}/app_own`],
  [platform, "app_own", `/webhooks/${platform}/app_own/`],
])
const BODY = '{"object":"page","entry":[]}'

test.each(PATHS)("a webhook of %s for %s is taken at %s", async (platform, appId, url) => {
  const headers = { "content-type": "application/json" }
  const answer = await app.inject({ method: "POST", url, headers, payload: BODY })
  expect(answer.statusCode).toBe(200)
  expect(received).toMatchObject([{ platform, app: { id: appId } }])
})

test.each(PATHS)("a handshake of %s for %s is answered at %s", async (_, appId, url) => {
  const query = { "hub.mode": "subscribe", "hub.verify_token": `token of ${appId}`, "hub.challenge": "42" }
  const answer = await app.inject({ method: "GET", url, query })
  expect([answer.statusCode, answer.body]).toEqual([200, "42"])
})

test.each([
  "/webhooks/",
  "/webhooks/other/",
  "/webhooks/facebook//",
  "/webhooks/facebook/app_other/",
  "/webhooks/facebook/app_own/more/",
])("nothing is taken at %s", async (url) => {
  const answer = await app.inject({ method: "POST", url, payload: BODY })
  expect(answer.statusCode).toBe(404)
  expect(received).toEqual([])
})

test.each([
  "application/json",
  "application/json; charset=utf-8",
  "application/json, application/json",
  "application/json;",
  "application/json; charset",
  "text/plain",
  "application/x-www-form-urlencoded",
  "json",
  "*/*",
  "/",
  " ",
  "",
  undefined,
])("the bytes of a webhook are taken as they are with the content type '%s'", async (type) => {
  const headers = type === undefined ? {} : { "content-type": type }
  for (const payload of [BODY, Buffer.from(BODY), ""]) {
    const answer = await app.inject({ method: "POST", url: "/webhooks/facebook", headers, payload })
    expect([answer.statusCode, answer.body]).toEqual([200, ""])
  }
  expect(received.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([BODY, BODY, ""])
})
