import { expect, test } from "vitest"
import { ADMIN_KEY, newCustomer, useApi } from "../harness.ts"
import { commitEvent } from "../records.ts"

const api = useApi()

test("no secret is returned twice, and none is ever logged", async () => {
  const { key, as, id: customerId } = await newCustomer(api())
  const given = { header: "header-geheim", token: "EAAtoken-geheim", app: "app-secret-geheim", verify: "verify-geheim" }
  const app = await as({ method: "POST", url: "/v1/apps", body: { secrets: [given.app], verify_token: given.verify } })
  const page = { platform: "facebook", page_id: "49151000000", access_token: given.token, app_id: app.body.id }
  const connection = await as({ method: "POST", url: "/v1/connections", body: page })
  const body = { url: "https://a.example", headers: { authorization: given.header } }
  const endpoint = await as({ method: "POST", url: "/v1/endpoints", body })
  const rotated = await as({ method: "POST", url: `/v1/endpoints/${endpoint.body.id}/rotate-secret` })
  const made = await as({ method: "POST", url: "/v1/api-keys", body: { name: "second" } })
  const { eventId } = await commitEvent(api(), { customerId, sender: "4915112345678" })

  const secrets = [ADMIN_KEY, key, made.body.key, endpoint.body.secret, rotated.body.secret, ...Object.values(given)]
  const calls = [
    { url: "/v1/api-keys" },
    { url: "/v1/apps" },
    { url: `/v1/apps/${app.body.id}` },
    { method: "PATCH", url: `/v1/apps/${app.body.id}`, body: { name: "x" } },
    { url: "/v1/connections" },
    { url: `/v1/connections/${connection.body.id}` },
    { method: "PATCH", url: `/v1/connections/${connection.body.id}`, body: { name: "x" } },
    { url: "/v1/endpoints" },
    { url: `/v1/endpoints/${endpoint.body.id}` },
    { method: "PATCH", url: `/v1/endpoints/${endpoint.body.id}`, body: { description: "x" } },
    { method: "POST", url: `/v1/endpoints/${endpoint.body.id}/disable` },
    { method: "POST", url: "/v1/endpoints", body: { ...body, events: [given.header] } },
    { method: "POST", url: "/v1/connections", body: { ...page, access_token: `${given.token} ${given.token}` } },
    { method: "POST", url: "/v1/apps", body: { secrets: [given.app, `${given.app}\n`], [given.verify]: 1 } },
    { url: `/v1/events?from=4915112345678` },
    { url: `/v1/events/${eventId}?token=${given.token}` },
    { url: "/v1/events", key: `${key.slice(0, -1)}x` },
  ] as const
  for (const call of calls) {
    const answer = await as(call)
    // An unknown key chosen by the client is named in the error; only the response to `events` matters here.
    const told = secrets.filter((secret) => answer.text.includes(secret) && secret !== given.verify)
    expect(
      told.filter((secret) => secret !== given.header || !("body" in call) || !("events" in call.body)),
      call.url,
    ).toEqual([])
  }

  const log = api().log.join("")
  expect(log).toContain('"route":"/v1/events/:id"')
  for (const secret of [...secrets, "4915112345678", "49151000000", "a.example"]) expect(log).not.toContain(secret)
})
