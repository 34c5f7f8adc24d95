import { expect, it, onTestFinished } from "vitest"
import { listen, onehookHere } from "./support.ts"

const EVENT = '{"platform":"facebook","event":"message.received","id":"evt_1"}'
const STREAM = { status: 200, body: `id: Y3Vyc29y\ndata: ${EVENT}\n\n` }
const refusal = (status: number, code: string, detail: string) => ({ status, body: JSON.stringify({ code, detail }) })
/** Ends `onehook listen`. */
const REVOKED = refusal(401, "unauthorized", "The key has been revoked.")

/** The gateway's responses to stream requests, in order. */
async function gatewayThatAnswers(...answers: { status: number; body: string }[]) {
  const { url, close } = await listen((_request, _body, response) => {
    const { status, body } = answers.shift() ?? REVOKED
    response.writeHead(status).end(body)
  })
  onTestFinished(close)
  return { ONEHOOK_URL: url, ONEHOOK_API_KEY: "ohk_live_example" }
}

it("listen reports a temporary refusal once per reason", async () => {
  const full = refusal(409, "limit_reached", "A customer may have 10 streams open at one gateway.")
  const soon = (seconds: number) => refusal(429, "rate_limited", `Too many requests. Try again in ${seconds} s.`)
  const ran = await onehookHere(["listen"], await gatewayThatAnswers(full, full, soon(2), soon(1), STREAM))
  expect(ran.err.split("\n").slice(0, 4)).toEqual([
    "refused, retrying (409 limit_reached): A customer may have 10 streams open at one gateway.",
    "refused, retrying (429 rate_limited): Too many requests. Try again in 2 s.",
    expect.stringContaining("listening at"),
    "error: the gateway refused the request (401 unauthorized)",
  ])
})

it.each([
  ["listen", "--json"],
  ["--json", "listen"],
])("%s %s prints JSON", async (...args) => {
  const ran = await onehookHere(args, await gatewayThatAnswers(STREAM))
  expect(ran.out).toBe(`${EVENT}\n`)
})
