import { createHmac } from "node:crypto"
import { describe, expect, it } from "vitest"
import { signAsMeta } from "../../src/cli/commands/trigger.ts"
import { SAMPLES } from "../../src/cli/samples/index.ts"

const input = { page: "100200300400500", from: "12345678901234", text: "Hi", nowMs: 1_747_231_892_100 }
const kinds = Object.entries(SAMPLES).flatMap(([platform, { kinds }]) =>
  Object.entries(kinds).map(([kind, make]) => ({ platform, kind, make })),
)

describe("a sample webhook", () => {
  it.each(kinds)("of $platform $kind contains the page and the contact", ({ make }) => {
    const text = JSON.stringify(make(input))
    expect(text).toContain(`"${input.page}"`)
    expect(text).toContain(`"${input.from}"`)
  })

  it.each(kinds.filter(({ platform, kind }) => `${platform} ${kind}` !== "facebook read"))(
    "of $platform $kind is new each time",
    ({ make }) => {
      expect(JSON.stringify(make(input))).not.toBe(JSON.stringify(make(input)))
    },
  )

  it("of Messenger has the shape that Meta documents", () => {
    expect(SAMPLES.facebook?.kinds.text?.(input)).toEqual({
      object: "page",
      entry: [
        {
          id: input.page,
          time: input.nowMs,
          messaging: [
            {
              sender: { id: input.from },
              recipient: { id: input.page },
              timestamp: input.nowMs,
              message: { mid: expect.stringMatching(/^m_/), text: "Hi" },
            },
          ],
        },
      ],
    })
  })

  it("of an echo goes from the page to the contact", () => {
    expect(SAMPLES.instagram?.kinds.echo?.(input)).toMatchObject({
      object: "instagram",
      entry: [
        { messaging: [{ sender: { id: input.page }, recipient: { id: input.from }, message: { is_echo: true } }] },
      ],
    })
  })

  it("of WhatsApp has its time as a string of seconds", () => {
    expect(SAMPLES.whatsapp?.kinds.text?.(input)).toMatchObject({
      object: "whatsapp_business_account",
      entry: [
        {
          changes: [
            {
              field: "messages",
              value: {
                metadata: { phone_number_id: input.page },
                messages: [{ from: input.from, timestamp: "1747231892", type: "text", text: { body: "Hi" } }],
              },
            },
          ],
        },
      ],
    })
  })
})

it("signs the exact body as Meta does", () => {
  const body = '{"text":"größer 🦄"}'
  const digest = createHmac("sha256", "app-secret").update(Buffer.from(body, "utf8")).digest("hex")
  expect(signAsMeta(body, "app-secret")).toBe(`sha256=${digest}`)
})
